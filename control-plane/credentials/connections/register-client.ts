import { z } from 'zod';
import { errorText } from '#shared/errors.js';
import type { GuardedFetch } from '../../egress/guarded-fetch.js';
import type { AuthorizationServer } from './discovery/authorization-server.js';
import { DiscoveryFault } from './discovery/discovery-fault.js';

/** RFC 7591 §3.2.1. */
const responseSchema = z.object({
  client_id: z.string().min(1),
  client_secret: z.string().min(1).optional(),
  client_secret_expires_at: z.number().optional(),
  token_endpoint_auth_method: z.string().optional(),
});

export interface Registration {
  readonly clientId: string;
  readonly clientSecret: string | null;
  readonly method: string;
  /** Epoch milliseconds; null for never. */
  readonly expiresAt: number | null;
}

const METHODS = ['client_secret_basic', 'client_secret_post', 'none'];

/** Registers us as a client that sends people with a browser (RFC 7591). Throws DiscoveryFault. */
export async function registerClient(
  fetch: GuardedFetch,
  server: AuthorizationServer,
  redirectUri: string,
): Promise<Registration> {
  const { registration_endpoint: endpoint = '' } = server;
  const taken = server.token_endpoint_auth_methods_supported ?? METHODS;
  const method = METHODS.find((known) => taken.includes(known)) ?? 'client_secret_basic';
  const answer = await asked(fetch, endpoint, {
    client_name: 'mcp-sso',
    redirect_uris: [redirectUri],
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    token_endpoint_auth_method: method,
    application_type: redirectUri.startsWith('https:') ? 'web' : 'native',
  });
  const expires = answer.client_secret_expires_at ?? 0;
  return {
    clientId: answer.client_id,
    clientSecret: answer.client_secret ?? null,
    method: answer.token_endpoint_auth_method ?? (answer.client_secret === undefined ? 'none' : method),
    expiresAt: expires === 0 ? null : expires * 1000,
  };
}

async function asked(
  fetch: GuardedFetch,
  endpoint: string,
  metadata: Readonly<Record<string, unknown>>,
): Promise<z.output<typeof responseSchema>> {
  try {
    const headers = { 'content-type': 'application/json', accept: 'application/json' };
    const answer = await fetch(endpoint, { method: 'POST', headers, body: JSON.stringify(metadata) });
    if (answer.status === 201 || answer.status === 200) return responseSchema.parse(await answer.json());
    throw new DiscoveryFault(
      `${endpoint} does not register us: HTTP ${answer.status}`,
      SET_CLIENT,
      answer.status >= 500,
    );
  } catch (error) {
    if (error instanceof DiscoveryFault) throw error;
    // What it answered may hold the secret.
    const reason = error instanceof z.ZodError ? 'its answer is no registration' : errorText(error);
    throw new DiscoveryFault(`${endpoint} does not register us: ${reason}`, SET_CLIENT, true, { cause: error });
  }
}

const SET_CLIENT = 'register a client there by hand, and set clientId and clientSecret of the credential';
