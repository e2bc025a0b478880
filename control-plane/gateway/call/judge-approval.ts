import type { JsonRpcRequest } from '#shared/mcp/json-rpc.js';
import type { ApprovalCall, AskedApproval, UsedApproval } from '../../policy/approvals/approval.js';
import type { ApprovalDemand } from '../../policy/approval-demand.js';
import { boundRevision } from '../../policy/bound-revision.js';
import type { Decision } from '../../policy/decision.js';
import type { OpenedState } from '../input/request-state.js';
import { stateBinding } from '../input/state-binding.js';
import type { Parts } from '../parts.js';
import { endedText } from './approval-words.js';
import type { Origin } from './call-record.js';
import type { Identified } from './post.js';
import type { CallRoute } from './route.js';

/** A call that waits for somebody's approval. */
interface HeldCall {
  readonly asked: AskedApproval;
  /** The record of it, where the client comes back with our state. */
  readonly reference: string | undefined;
}

export interface Judged {
  readonly decision: Decision;
  /** Without a state of ours that says no more than what the call waited for. */
  readonly to: CallRoute;
  readonly approval?: UsedApproval;
  readonly held?: HeldCall;
}

type Judges = Pick<Parts, 'approvals' | 'audit' | 'servers' | 'states'>;

/** Nobody could wait for these: an app sends one for every key that is pressed. */
const NEVER_HELD = new Set(['completion/complete']);

/**
 * Step 4, its last part: an `allow` that demands somebody's approval holds only with one of this very call, which it uses up.
 * Without one it is asked for, once. What the client answers to a prompt counts for nothing here. Throws
 * `request_state_invalid`, `rate_limited`, `policy_denied` and `audit_unavailable`.
 */
export async function judgeApproval(
  parts: Judges,
  request: Identified,
  route: CallRoute,
  decision: Decision,
): Promise<Judged> {
  const state = openedState(parts, request, route, decision);
  const waited = state?.held.kind === 'approval' ? state.held : undefined;
  const to = waited ? { ...route, message: withoutState(route.message) } : route;
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
  if (asked?.state === 'open')
    return { decision: heldBack(decision, demand), to, held: { asked, reference: waited?.reference } };
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

function openedState(
  parts: Judges,
  request: Identified,
  route: CallRoute,
  { revision }: Decision,
): OpenedState | undefined {
  const state = route.message.params?.['requestState'];
  return typeof state === 'string'
    ? parts.states.peek(stateBinding(parts, request, route, revision), state)
    : undefined;
}

function withoutState(message: JsonRpcRequest): JsonRpcRequest {
  const { requestState: _state, inputResponses: _answers, ...params } = message.params ?? {};
  return { ...message, params };
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
