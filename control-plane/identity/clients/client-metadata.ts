import type { ClientMetadata } from 'oidc-provider';
import { redirectFault } from '../../config/redirect-uri.js';
import { shortLine } from './short-line.js';

const MAX_REDIRECTS = 20;
const MAX_NAME = 64;

/** Its message names the member and may be shown to whoever wrote it. */
export class MetadataFault extends Error {
  override readonly name = 'MetadataFault';
}

/** What a stranger says of a client; nothing of it was checked. */
export type ClaimedMetadata = Readonly<Record<string, unknown>>;

/**
 * What we take over from it (RFC 7591 §2): addresses, a name, and which of our few ways it uses. Nothing else is kept:
 * no logo and no link is ever shown, no secret is ever given. Throws MetadataFault.
 */
export function clientMetadata(clientId: string, claimed: ClaimedMetadata): ClientMetadata {
  const redirects = redirectsOf(claimed['redirect_uris']);
  const name = shortLine(claimed['client_name'], MAX_NAME);
  const grants = claimed['grant_types'];
  const refreshes = !Array.isArray(grants) || grants.includes('refresh_token');
  return {
    client_id: clientId,
    ...(name === null ? {} : { client_name: name }),
    redirect_uris: redirects,
    // Native lets a loopback address have any port, which documents for every computer cannot name (RFC 8252 §7.3).
    application_type: redirects.every((uri) => uri.startsWith('https:')) ? 'web' : 'native',
    grant_types: ['authorization_code', ...(refreshes ? ['refresh_token'] : [])],
    response_types: ['code'],
    token_endpoint_auth_method: 'none',
    id_token_signed_response_alg: 'ES256',
    ...(claimed['dpop_bound_access_tokens'] === true ? { dpop_bound_access_tokens: true } : {}),
  };
}

function redirectsOf(claimed: unknown): string[] {
  if (!Array.isArray(claimed) || claimed.length === 0 || claimed.length > MAX_REDIRECTS) {
    throw new MetadataFault(`redirect_uris must name 1 to ${MAX_REDIRECTS} addresses`);
  }
  const redirects: unknown[] = claimed;
  return redirects.map((uri) => {
    const fault = typeof uri === 'string' ? redirectFault(uri) : 'not a text';
    if (fault !== undefined) throw new MetadataFault(`redirect_uris: ${fault}`);
    return String(uri);
  });
}
