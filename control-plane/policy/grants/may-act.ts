import { CodedError } from '#shared/errors.js';
import type { Role } from '../../config/settings.js';
import type { Acting } from './grant.js';

/** Who gives access to others (design §4.2). */
export const GIVING_ROLES = ['approver', 'owner'] as const satisfies readonly Role[];
/** Who looks into what was taken in an emergency. */
export const REVIEWING_ROLES = ['approver', 'owner', 'auditor'] as const satisfies readonly Role[];

/** Throws `role_missing`, also for machines, and for agents whatever the roles of the person for whom they act. */
export function requireRole({ roles, inPerson }: Acting, wanted: readonly Role[]): void {
  if (!inPerson) throw inPersonOnly();
  if (!wanted.some((role) => roles.includes(role))) throw new CodedError('role_missing');
}

export function requireInPerson({ inPerson }: Acting): void {
  if (!inPerson) throw inPersonOnly();
}

/** Throws `policy_denied` where somebody would decide about themselves. */
export function requireOther({ person }: Acting, about: string): void {
  if (person !== about) return;
  throw new CodedError('policy_denied', {
    message: 'This is about your own access, so somebody else has to do it: another approver or owner.',
  });
}

function inPersonOnly(): CodedError {
  return new CodedError('role_missing', { message: 'A person has to do this themselves, not a program for them.' });
}
