import type { ClientMetadata } from 'oidc-provider';
import { BREAK_GLASS_GRANT, CLIENTS } from '#shared/api/paths.js';

/** How a client is shown to the person who lets it in. */
export interface ClientDescription {
  readonly title: string;
  /** Completes “It will be able to …”. */
  readonly access: string;
}

const DESCRIPTIONS: Record<string, ClientDescription> = {
  [CLIENTS.bridge]: {
    title: 'mcp-sso on this computer',
    access: 'use the MCP servers that your company’s policy opens to you',
  },
  [CLIENTS.admin]: {
    title: 'mcp-sso administration',
    access: 'read the audit log and whatever else your roles permit',
  },
};

/** `onDevice`: it runs somewhere else than the browser, and came by a code. */
export function describeClient(clientId: string, onDevice: boolean): ClientDescription {
  const description = DESCRIPTIONS[clientId] ?? { title: clientId, access: 'use mcp-sso' };
  return onDevice ? { ...description, title: 'mcp-sso on another device' } : description;
}

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
