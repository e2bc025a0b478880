import { PATHS } from '#shared/api/paths.js';
import type { ApprovalDemand } from '../../policy/approval-demand.js';
import type { ApprovalState, AskedApproval } from '../../policy/approvals/approval.js';
import { visibleText } from '../../policy/approvals/shown-arguments.js';
import type { Parts } from '../parts.js';
import { untilText, type Awaited } from './awaited.js';

/** What a call waits for that somebody else has to approve. */
export function awaitedApproval(
  { approvals, publicUrl }: Pick<Parts, 'approvals' | 'publicUrl'>,
  { id, demand, askedAt, expiresAt }: AskedApproval,
): Awaited {
  const url = `${publicUrl}${PATHS.approvalsPage}/${id}`;
  const policies = `Company policy (policy ${demand.policies.join(', ')}): ${demand.reason}`;
  return {
    kind: 'approval',
    id,
    url,
    waiting: `This call waits for somebody else's approval. ${policies} Ask ${whoOf(demand)} to approve it at ${url}.`,
    again: `Make the same call again once it is approved; the request is good until ${untilText(expiresAt)}.`,
    askedAt,
    byCaller: false,
    waitFor: (milliseconds, signal) => approvals.waitFor(id, milliseconds, signal),
  };
}

/** Why a request came to nothing; the call was not made. */
export function endedText(state: ApprovalState | undefined, refusal: string | null): string {
  if (state === 'refused') {
    return `Somebody who can approve this call refused it${refusal === null ? '.' : `: “${visibleText(refusal)}”`}`;
  }
  return (state && ENDED[state]) ?? GONE;
}

const GONE =
  'What this call waited for has ended: the policies have changed, or the sign-in that asked is over. Make it again from the start.';
const ENDED: Partial<Record<ApprovalState, string>> = {
  expired: 'Nobody approved this call in time. Make it again from the start to ask anew.',
  used: 'The approval of this call was used already. A request that broke off may have made it. Make it again from the start to ask anew.',
};

function whoOf({ groups }: ApprovalDemand): string {
  return groups.map((set) => `somebody of ${set.join(' or ')}`).join(' and ');
}
