import type { CredentialKind, CredentialSettings } from '../config/credential-settings.js';

/** Each person has their own, so one that is refused says nothing of anybody else’s. */
const PERSONAL: ReadonlySet<string> = new Set<CredentialKind>([
  'oauth',
  'token-exchange',
  'on-behalf-of',
  'cross-app-access',
  'user-assertion',
]);

export function isPersonal({ kind }: CredentialSettings): boolean {
  return isPersonalKind(kind);
}

/** The same by the word alone. */
export function isPersonalKind(kind: string): boolean {
  return PERSONAL.has(kind);
}
