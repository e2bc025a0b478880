import { CodedError } from '#shared/errors.js';
import type { ProviderSettings } from '../../config/provider-settings.js';
import type { Claims } from './claims.js';

/** Clocks of two machines that are set right differ by less. */
const SKEW_SECONDS = 30;

/** The IdP let in somebody who is none of ours: refused at a sign-in, and at a refresh the end of the session. */
export class AccountNotOurs extends CodedError {
  constructor(message: string) {
    super('sign_in_failed', { message });
    this.name = 'AccountNotOurs';
  }
}

type Rules = Pick<ProviderSettings, 'preset' | 'issuer' | 'emailDomains'>;

/** What a preset demands of an account beyond a valid ID token. Throws AccountNotOurs, or `sign_in_failed`. */
export function requireOwnAccount(claims: Claims, { preset, issuer, emailDomains }: Rules): void {
  requireNotFromTheFuture(claims['iat']);
  if (preset === 'entra') requireTenant(claims, issuer);
  if (preset === 'google') requireWorkspace(claims, emailDomains);
}

/** An issuer names its tenant first in its path; `tid` says whose the account is. */
function requireTenant(claims: Claims, issuer: string): void {
  const tenant = new URL(issuer).pathname.split('/')[1] ?? '';
  if (tenant !== '' && claims['tid'] === tenant) return;
  throw new AccountNotOurs(
    'Your account belongs to another Entra ID tenant than the one of your company. Sign in with your company account.',
  );
}

/** `hd` alone says that an account is managed by a company; an address proves nothing. */
function requireWorkspace(claims: Claims, domains: readonly string[]): void {
  const { hd } = claims;
  if (typeof hd === 'string' && domains.includes(hd.toLowerCase()) && claims['email_verified'] === true) return;
  throw new AccountNotOurs(
    'This Google account does not belong to your company’s Google Workspace. Sign in with your company account.',
  );
}

/** openid-client looks at the end of a token only: one from a clock that is ahead would live for longer. */
function requireNotFromTheFuture(issuedAt: unknown): void {
  if (typeof issuedAt !== 'number' || issuedAt * 1000 <= Date.now() + SKEW_SECONDS * 1000) return;
  throw new CodedError('sign_in_failed', {
    message:
      'The identity provider’s clock is ahead of ours, so its answer was not accepted. Tell your administrator to set both clocks right (NTP).',
  });
}
