import type { CredentialKind, CredentialOf } from '../config/credential-settings.js';
import type { ServerSettings } from '../config/settings.js';
import type { CredentialScope } from './credential-scope.js';
import type { Injection } from './injection.js';

/** A credential that is needed: for which call, and as the settings have it. */
export interface Asked<C> extends CredentialScope {
  readonly settings: ServerSettings;
  readonly credential: C;
}

/** How one kind of credential opens a server. */
export interface KindOfCredential<C> {
  /** @throws SecretUnreadable, TokenRefused, CodedError */
  open(asked: Asked<C>): Promise<Injection>;
  /** The server took it no more (HTTP 401): what is kept of it is not used again. */
  forget?(asked: Asked<C>, refused: Injection): void;
}

/** Every kind that this version knows. */
export type KindsOfCredentials = { readonly [K in CredentialKind]?: KindOfCredential<CredentialOf<K>> };

/** Names the credential in the audit. */
export function referenceOf({ server, credential }: Asked<{ readonly kind: CredentialKind }>): string {
  return `${server}/${credential.kind}`;
}
