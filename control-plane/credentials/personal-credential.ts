import type { CredentialKind, CredentialSettings } from '../config/credential-settings.js';

/** Each person has their own, so one that is refused says nothing of anybody else’s. */
const PERSONAL: ReadonlySet<CredentialKind> = new Set([
  'oauth',
  'token-exchange',
  'on-behalf-of',
  'cross-app-access',
  'user-assertion',
]);

export function isPersonal({ kind }: CredentialSettings): boolean {
  return PERSONAL.has(kind);
}
