import type { ServerMetadata } from 'openid-client';
import { z } from 'zod';
import type { GuardedFetch, Reach } from '../../../egress/guarded-fetch.js';
import { DiscoveryFault } from './discovery-fault.js';
import { readMetadata } from './read-metadata.js';

const endpoint = z.url({ protocol: /^https?$/ });
const names = z.array(z.string()).max(1_000);

/** RFC 8414 §2 and OpenID Connect Discovery §3, as far as they matter to us. */
const metadataSchema = z.object({
  issuer: z.string(),
  authorization_endpoint: endpoint,
  token_endpoint: endpoint,
  registration_endpoint: endpoint.optional(),
  revocation_endpoint: endpoint.optional(),
  jwks_uri: endpoint.optional(),
  scopes_supported: names.optional(),
  grant_types_supported: names.optional(),
  token_endpoint_auth_methods_supported: names.optional(),
  code_challenge_methods_supported: names.optional(),
  id_token_signing_alg_values_supported: names.optional(),
  authorization_response_iss_parameter_supported: z.boolean().optional(),
  client_id_metadata_document_supported: z.boolean().optional(),
});

export type AuthorizationServer = ServerMetadata &
  z.output<typeof metadataSchema> & {
    /** Of the endpoints, by where they were named. Ours, and no part of what it publishes. */
    readonly reach: Reach;
  };

/**
 * What an authorization server says of itself. Undefined where it publishes nothing.
 * @param reach of whoever named the issuer.
 * @throws DiscoveryFault where it names another issuer, or lacks what a code flow needs.
 */
export async function authorizationServer(
  fetch: GuardedFetch,
  issuer: string,
  reach: Reach,
): Promise<AuthorizationServer | undefined> {
  if (!URL.canParse(issuer)) throw new DiscoveryFault('the server names an issuer that is no address', SET_ISSUER);
  for (const address of wellKnownAddresses(issuer)) {
    const found = await readMetadata(fetch, address, reach);
    if (found === undefined) continue;
    const { data, error } = metadataSchema.safeParse(found.metadata);
    if (error)
      throw new DiscoveryFault(`${address} is no authorization server metadata for a code flow`, SET_ENDPOINTS);
    // RFC 8414 §3.3: identical, or it is a mix-up.
    if (data.issuer === issuer) return { ...data, reach: found.from } as AuthorizationServer;
    throw new DiscoveryFault(`${address} names another issuer than ${issuer}`, SET_ISSUER);
  }
  return undefined;
}

/** In the order of MCP 2026-07-28, Authorization Server Metadata Discovery. */
function wellKnownAddresses(issuer: string): string[] {
  const { origin, pathname } = new URL(issuer);
  const path = pathname.replace(/\/$/, '');
  return [
    ...new Set([
      `${origin}/.well-known/oauth-authorization-server${path}`,
      `${origin}/.well-known/openid-configuration${path}`,
      `${origin}${path}/.well-known/openid-configuration`,
    ]),
  ];
}

const SET_ISSUER = 'set issuer of the credential to exactly what the authorization server calls itself';
const SET_ENDPOINTS = 'set authorizationEndpoint and tokenEndpoint of the credential';
