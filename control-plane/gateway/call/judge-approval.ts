import type { ApprovalCall } from '../../policy/approvals/approval.js';
import type { ApprovalDemand } from '../../policy/approval-demand.js';
import { boundRevision } from '../../policy/bound-revision.js';
import type { Decision } from '../../policy/decision.js';
import type { Parts } from '../parts.js';
import { awaitedApproval, endedText } from './approval-words.js';
import type { Judged } from './awaited.js';
import type { Origin } from './call-record.js';
import { broughtState } from './held-state.js';
import type { Identified } from './post.js';
import type { CallRoute } from './route.js';

type Judges = Pick<Parts, 'approvals' | 'audit' | 'publicUrl' | 'servers' | 'states'>;

/** Nobody could wait for these: an app sends one for every key that is pressed. */
const NEVER_HELD = new Set(['completion/complete']);

/**
 * Step 4, its last part: an `allow` that demands somebody's approval holds only with one of this very call, which it uses up.
 * Without one it is asked for, once. What the client answers to a prompt counts for nothing here. Throws
 * `request_state_invalid`, `rate_limited`, `policy_denied` and `audit_unavailable`.
 */
export async function judgeApproval(parts: Judges, request: Identified, judged: Judged): Promise<Judged> {
  const { decision } = judged;
  if (judged.held) return judged;
  const { state, waited, to } = broughtState(parts, request, judged.to, decision, 'approval');
  const { outcome, approval: demand } = decision;
  if (outcome === 'deny' || demand === undefined) return { decision, to };
  if (NEVER_HELD.has(to.message.method)) return { decision: withoutApproval(decision), to };
  const call = approvalCall(parts, request.origin, to, demand, decision.revision);
  if (state?.approval) {
    const round = await parts.approvals.goOn(state.approval, call);
    return round ? { decision, to, approval: round } : { decision: denied(decision, endedText('used', null)), to };
  }
  const used = await parts.approvals.use(call);
  if (used) return { decision, to, approval: used };
  const asked = waited ? await parts.approvals.look(waited.id, call) : await parts.approvals.ask(call);
  if (asked?.state === 'open') {
    const held = { awaited: awaitedApproval(parts, asked), reference: waited?.reference };
    return { decision: heldBack(decision, demand), to, held };
  }
  // Approved a moment ago.
  const late = asked?.state === 'approved' ? await parts.approvals.use(call) : undefined;
  if (late) return { decision, to, approval: late };
  return { decision: denied(decision, endedText(asked?.state, asked?.refusal ?? null)), to };
}

/** The decision about what can neither wait nor be asked for: what demands an approval is denied. */
export function withoutApproval(decision: Decision): Decision {
  const { outcome, approval } = decision;
  if (outcome === 'deny' || approval === undefined) return decision;
  return denied(decision, `Somebody would have to approve it, which cannot be done for this. ${approval.reason}`);
}

function approvalCall(
  parts: Judges,
  { caller: { session } }: Origin,
  { server, target, message }: CallRoute,
  demand: ApprovalDemand,
  revision: string,
): ApprovalCall {
  const { _meta, inputResponses: _answers, requestState: _state, ...params } = message.params ?? {};
  return {
    person: session.person,
    actors: session.actors,
    session: session.id,
    server,
    target: target.name,
    method: message.method,
    params,
    demand,
    revision: boundRevision(parts, server, revision),
  };
}

function heldBack({ stepUp: _met, ...decision }: Decision, { policies, reason }: ApprovalDemand): Decision {
  return { ...decision, outcome: 'deny', policies, reason: `Somebody else has to approve this call. ${reason}` };
}

function denied({ stepUp: _met, approval, ...decision }: Decision, reason: string): Decision {
  return { ...decision, outcome: 'deny', policies: approval?.policies ?? decision.policies, reason };
}
