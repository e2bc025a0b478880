import { CodedError } from '#shared/errors.js';
import type { ProviderSettings } from '../../config/provider-settings.js';
import type { Claims } from './claims.js';

/** The IdP let in somebody who is none of ours: refused at a sign-in, and at a refresh the end of the session. */
export class AccountNotOurs extends CodedError {
  constructor(message: string) {
    super('sign_in_failed', { message });
    this.name = 'AccountNotOurs';
  }
}

type Rules = Pick<ProviderSettings, 'preset' | 'issuer' | 'emailDomains'>;

/** What a preset demands of an account beyond a valid ID token. Throws AccountNotOurs. */
export function requireOwnAccount(claims: Claims, { preset, issuer, emailDomains }: Rules): void {
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
