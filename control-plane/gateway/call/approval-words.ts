import { PATHS } from '#shared/api/paths.js';
import type { ApprovalDemand } from '../../policy/approval-demand.js';
import type { ApprovalState, AskedApproval } from '../../policy/approvals/approval.js';
import { visibleText } from '../../policy/approvals/shown-arguments.js';

/** Where a request is decided. */
export function approvalUrl(publicUrl: string, id: string): string {
  return `${publicUrl}${PATHS.approvalsPage}/${id}`;
}

/** What a person is told whose call waits: why, who can approve it, and where. */
export function waitingText({ id, demand }: AskedApproval, publicUrl: string): string {
  return (
    `This call waits for somebody else's approval. Company policy (policy ${demand.policies.join(', ')}): ${demand.reason} ` +
    `Ask ${whoOf(demand)} to approve it at ${approvalUrl(publicUrl, id)}.`
  );
}

/** The same for whoever does not wait. */
export function askAgainText(asked: AskedApproval, publicUrl: string, reference: string): string {
  const until = new Date(asked.expiresAt).toISOString().slice(11, 16);
  const again = `Make the same call again once it is approved; the request is good until ${until} UTC.`;
  return `${waitingText(asked, publicUrl)} ${again} Reference: ${reference}.`;
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
