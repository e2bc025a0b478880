import type { ClientMetadata } from 'oidc-provider';
import { BREAK_GLASS_GRANT, CLIENTS } from '#shared/api/paths.js';

const DEVICE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code';

/**
 * The clients that ship with the product: public, native, every token bound to a DPoP key (RFC 8252, RFC 9449). A code
 * that a person was talked into typing must not administer, so only the bridge may sign in by device login.
 */
export function builtInClients(deviceLogin: boolean): ClientMetadata[] {
  return [CLIENTS.bridge, CLIENTS.admin].map((clientId) => ({
    client_id: clientId,
    application_type: 'native',
    token_endpoint_auth_method: 'none',
    grant_types: [
      'authorization_code',
      'refresh_token',
      BREAK_GLASS_GRANT,
      ...(deviceLogin && clientId === CLIENTS.bridge ? [DEVICE_GRANT] : []),
    ],
    response_types: ['code'],
    redirect_uris: ['http://127.0.0.1/callback'],
    id_token_signed_response_alg: 'ES256',
    dpop_bound_access_tokens: true,
  }));
}

/** Clients whose tokens are worth nothing without the key that they are bound to. */
export const DPOP_BOUND_CLIENTS: ReadonlySet<string> = new Set([CLIENTS.bridge, CLIENTS.admin]);
