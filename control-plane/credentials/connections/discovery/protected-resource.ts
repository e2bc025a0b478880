import { z } from 'zod';
import { bearerChallenge, type BearerChallenge } from '../../../egress/bearer-challenge.js';
import type { GuardedFetch, Reach } from '../../../egress/guarded-fetch.js';
import { DiscoveryFault } from './discovery-fault.js';
import { readMetadata } from './read-metadata.js';

const WELL_KNOWN = '/.well-known/oauth-protected-resource';
const MAX_NAMES = 64;

/** RFC 9728 §2, as far as it matters to us. */
const metadataSchema = z.object({
  resource: z.string(),
  authorization_servers: z.array(z.string()).max(MAX_NAMES).optional(),
  scopes_supported: z.array(z.string()).max(1_000).optional(),
});

/** What a server says of who gives tokens for it. */
export interface ProtectedResource {
  /** RFC 8707; undefined where the server publishes nothing. */
  readonly resource: string | undefined;
  /** Issuers, the preferred one first. */
  readonly authorizationServers: readonly string[];
  /** Of the authorization servers, by where they were named. */
  readonly reach: Reach;
  /** What its challenge asks for, else what it supports; undefined where it says nothing. */
  readonly scopes: readonly string[] | undefined;
}

/**
 * Asks a server, without any token, who gives tokens for it (RFC 9728 §4, §5; MCP 2026-07-28, Authorization).
 * @throws DiscoveryFault where it says something that does not fit its address.
 */
export async function protectedResource(fetch: GuardedFetch, url: string): Promise<ProtectedResource> {
  const { challenge, from } = await challengeOf(fetch, url);
  const wanted = challenge.scopes.length === 0 ? undefined : challenge.scopes;
  for (const address of addresses(url, challenge)) {
    const found = await readMetadata(fetch, address, isOwnOrigin(address, url) ? 'private' : from);
    if (found === undefined) continue;
    const { data, error } = metadataSchema.safeParse(found.metadata);
    if (error) throw new DiscoveryFault(`${address} is no protected resource metadata`, 'set issuer in the settings');
    requireOwn(data.resource, url, address);
    const { resource, authorization_servers: authorizationServers = [], scopes_supported: supported } = data;
    return { resource, authorizationServers, reach: found.from, scopes: wanted ?? supported };
  }
  return { resource: undefined, authorizationServers: [], reach: from, scopes: wanted };
}

/** Any request without a token is answered with the challenge; this one has no effect where it is let in. */
async function challengeOf(fetch: GuardedFetch, url: string): Promise<{ challenge: BearerChallenge; from: Reach }> {
  try {
    const answer = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'ping' }),
    });
    const header = answer.status === 401 ? answer.headers.get('www-authenticate') : null;
    return { challenge: bearerChallenge(header ?? undefined), from: answer.from };
  } catch {
    // The well-known addresses say the same.
    return { challenge: bearerChallenge(undefined), from: 'public' };
  }
}

function addresses(url: string, { resourceMetadata }: BearerChallenge): string[] {
  const { origin, pathname } = new URL(url);
  if (resourceMetadata !== undefined) return [resourceMetadata];
  const inserted = `${origin}${WELL_KNOWN}${pathname === '/' ? '' : pathname}`;
  return [...new Set([inserted, `${origin}${WELL_KNOWN}`])];
}

/**
 * RFC 9728 §3.3, but with the resource of a whole origin or folder accepted for what lies in it, as many servers publish it.
 * Of another origin it would be somebody else's: a token for them, sent here.
 */
function requireOwn(resource: string, url: string, address: string): void {
  if (URL.canParse(resource) && isWithin(new URL(url), new URL(resource))) return;
  throw new DiscoveryFault(
    `${address} names another resource than ${url}`,
    'correct the server’s url, or tell whoever runs the server',
  );
}

/** The settings name it: no more can be reached there than by any call of the server. */
function isOwnOrigin(address: string, url: string): boolean {
  return new URL(address).origin === new URL(url).origin;
}

function isWithin(url: URL, resource: URL): boolean {
  if (url.origin !== resource.origin) return false;
  if (url.pathname === resource.pathname) return true;
  return url.pathname.startsWith(resource.pathname.replace(/\/?$/, '/'));
}
