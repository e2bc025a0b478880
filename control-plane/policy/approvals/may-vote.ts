import { FRESH_SIGN_IN } from '#shared/api/paths.js';
import { CodedError } from '#shared/errors.js';
import type { Person } from '../../identity/caller.js';
import { meets } from '#shared/api/step-up.js';
import type { ApprovalState, Approver } from './approval.js';

/** Two accounts of one human: the same, or with the same e-mail address at another identity provider. */
export function isSamePerson(left: Pick<Person, 'id' | 'email'>, right: Pick<Person, 'id' | 'email'>): boolean {
  const address = left.email?.toLowerCase();
  return left.id === right.id || (address !== undefined && address === right.email?.toLowerCase());
}

/** Throws `sign_in_stale` where the approver last proved who they are more than ten minutes ago, or nobody knows when. */
export function requireFreshApprover({ authTime }: Pick<Approver, 'authTime'>, now: number): void {
  if (meets({ authTime, acr: null }, { maxAge: FRESH_SIGN_IN }, now)) return;
  throw new CodedError('sign_in_stale', {
    message: 'To decide this, sign in again: it needs a sign-in from the last 10 minutes.',
  });
}

/** Throws `request_invalid` that says what has become of a request that is not open. */
export function requireOpen(state: ApprovalState): void {
  if (state !== 'open') throw new CodedError('request_invalid', { message: `${OVER[state]} Nothing was changed.` });
}

const OVER: Record<Exclude<ApprovalState, 'open'>, string> = {
  approved: 'This request was approved already.',
  refused: 'This request was refused already.',
  used: 'This request was approved, and the call was made.',
  expired: 'This request has expired. Whoever made the call can make it again.',
  ended: 'This request has ended: the sign-in that asked is over, or the policies have changed.',
};
