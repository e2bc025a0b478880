import type { CredentialOf } from '../../config/credential-settings.js';
import type { Injection } from '../injection.js';
import { basic } from './basic.js';
import { bearer } from './bearer.js';
import { cookie } from './cookie.js';
import { header } from './header.js';
import { query } from './query.js';

/** Kinds whose secret is sent as it is. */
export type StaticCredential = CredentialOf<'bearer' | 'header' | 'basic' | 'query' | 'cookie'>;

/**
 * What a credential adds to a request.
 * @param reference names the credential in the audit.
 * @throws SecretUnreadable where the secret doesn't fit the kind.
 */
export function inject(reference: string, credential: StaticCredential, secret: string): Injection {
  switch (credential.kind) {
    case 'bearer':
      return bearer(reference, secret);
    case 'header':
      return header(reference, credential.name, secret);
    case 'basic':
      return basic(reference, credential.username, secret);
    case 'query':
      return query(reference, credential.name, secret);
    case 'cookie':
      return cookie(reference, credential.name, secret);
    default:
      return credential satisfies never;
  }
}
