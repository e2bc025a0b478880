import { ME } from '#shared/api/paths.js';
import { CodedError } from '#shared/errors.js';
import type { Reach } from '../identity/access/requires.decorator.js';
import type { Caller } from '../identity/caller.js';

/** Whose data a list shows: everyone's, one person's, or that of whomever a word may mean. */
export type PersonFilter =
  | { readonly kind: 'everyone' }
  | { readonly kind: 'one'; readonly id: string }
  | { readonly kind: 'named'; readonly word: string };

/** Throws `role_missing` for a caller who reaches only what is their own and asks for more. */
export function personFilter(user: string | undefined, { session }: Caller, reach: Reach): PersonFilter {
  const { id } = session.person;
  if (user === ME || user === id) return { kind: 'one', id };
  if (reach === 'own') {
    throw new CodedError('role_missing', {
      message: `Your account does not have the role that this needs. For what is your own, ask for the user ${ME} (--user ${ME}).`,
    });
  }
  return user === undefined ? { kind: 'everyone' } : { kind: 'named', word: user };
}
