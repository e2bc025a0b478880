import { CodedError } from '#shared/errors.js';
import type { PersonProfile } from '../sessions/persons.js';

/** Claims of an ID token or of userinfo, unchecked. */
export type Claims = Readonly<Record<string, unknown>>;

/** What the IdP says about a person. */
export interface Profile extends PersonProfile {
  readonly groups: readonly string[];
  readonly acr: string | null;
  readonly amr: readonly string[];
  /** Epoch milliseconds; null where the IdP does not say. */
  readonly authTime: number | null;
  /** `preferred_username`, where the IdP says; never a key. */
  readonly userName: string | null;
  /** `sid`: the IdP's own session, where it says. */
  readonly idpSession: string | null;
}

const MAX_TEXT = 320;
const MAX_IDENTITY = 255;

/** The claims as a profile; `provider` is our own name for the IdP. */
export function profileOf(claims: Claims, provider: string, groupsClaim: string): Profile {
  return {
    provider,
    issuer: exact(claims['iss']),
    subject: exact(claims['sub']),
    email: text(claims['email']),
    name: text(claims['name']),
    groups: groupsOf(claims, provider, groupsClaim),
    acr: text(claims['acr']),
    amr: texts(claims['amr']),
    authTime: time(claims['auth_time']),
    userName: text(claims['preferred_username']),
    idpSession: text(claims['sid']),
  };
}

/** True where the IdP says that the groups did not fit into the token (OpenID Connect Core §5.6.2, as Entra does). */
export function groupsAreElsewhere(claims: Claims, groupsClaim: string): boolean {
  const names = claims['_claim_names'];
  const pointed = typeof names === 'object' && names !== null && groupsClaim in names;
  return pointed || claims['hasgroups'] === true;
}

/** `<provider>/<group>`, so that one IdP cannot name another's groups. Missing or truncated groups are no groups. */
function groupsOf(claims: Claims, provider: string, groupsClaim: string): string[] {
  if (groupsAreElsewhere(claims, groupsClaim)) return [];
  return texts(claims[groupsClaim]).map((group) => `${provider}/${group}`);
}

function texts(value: unknown): string[] {
  const values: unknown[] = Array.isArray(value) ? value : [value];
  return values.filter((entry): entry is string => typeof entry === 'string' && entry !== '');
}

/** PostgreSQL has no NUL in texts. */
function text(value: unknown): string | null {
  if (typeof value !== 'string' || value === '') return null;
  return value.slice(0, MAX_TEXT).replaceAll('\0', '').toWellFormed();
}

/** Epoch seconds, of any precision, as milliseconds. */
function time(value: unknown): number | null {
  const milliseconds = typeof value === 'number' ? Math.floor(value * 1000) : Number.NaN;
  return Number.isSafeInteger(milliseconds) ? milliseconds : null;
}

/** Identity is compared whole, never shortened. Throws `sign_in_failed` where it can't be stored whole (OpenID Connect Core §2). */
function exact(value: unknown): string {
  if (typeof value === 'string' && value.length <= MAX_IDENTITY && !value.includes('\0') && value.isWellFormed()) {
    return value;
  }
  throw new CodedError('sign_in_failed', {
    message: 'Your identity provider names you in a way that it may not. Tell your administrator.',
    detail: 'iss or sub is no text, is longer than 255 characters or holds a NUL',
  });
}
