import { randomUUID } from 'node:crypto';
import type { CredentialOf } from '../../config/credential-settings.js';
import type { Person } from '../../identity/caller.js';
import { actClaim } from '../../identity/tokens/act-claim.js';
import type { OnBehalf } from '../credential-scope.js';

/** Seconds that an assertion is good for. */
const ASSERTION_LIFE = 60;

/** What lasts of an assertion: the same for as long as nothing changes about the person. */
export interface AssertionSubject {
  readonly iss: string;
  readonly sub: string;
  readonly aud: string;
  readonly email?: string;
  readonly name?: string;
  readonly groups?: readonly string[];
  readonly act?: Readonly<Record<string, unknown>>;
}

/** What a server is told of a person, and of who acts for them (RFC 8693 §4.1): the identifier, and what the settings name. */
export function assertionSubject(
  issuer: string,
  url: string,
  { audience, claims }: CredentialOf<'user-assertion'>,
  { groups, actors = [] }: OnBehalf,
  { id, email, name }: Person,
): AssertionSubject {
  return {
    iss: issuer,
    sub: id,
    aud: audience ?? url,
    ...(claims.includes('email') && email !== null ? { email } : {}),
    ...(claims.includes('name') && name !== null ? { name } : {}),
    ...(claims.includes('groups') ? { groups: [...groups] } : {}),
    ...(actors.length === 0 ? {} : { act: actClaim(actors) }),
  };
}

/** The claims of one assertion (RFC 7519 §4.1). `now` in epoch milliseconds. */
export function assertionClaims(subject: AssertionSubject, now: number): Record<string, unknown> {
  const iat = Math.floor(now / 1000);
  return { ...subject, iat, nbf: iat, exp: iat + ASSERTION_LIFE, jti: randomUUID() };
}
