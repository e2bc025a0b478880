import { createRemoteJWKSet, customFetch, errors, type JWTVerifyGetKey } from 'jose';
import { CodedError } from '#shared/errors.js';
import { isLoopback } from '../../config/address.js';
import { boundedJson } from './bounded-json.js';

const COOLDOWN_MS = 30_000;
const REUSED_MS = 600_000;
const PAUSE_MS = 5_000;

export interface IssuerAddress {
  readonly issuer: string;
  /** Where absent, the issuer's metadata says it (OpenID Connect Discovery §4). */
  readonly jwksUri?: string | undefined;
}

/**
 * The keys of an issuer, by their address only: no header of a token says where. They are read when first needed and
 * every ten minutes. A key that nobody knows has them read again, at most every 30 s; after a failure nobody waits
 * for the network for 5 s.
 */
export function issuerKeys({ issuer, jwksUri }: IssuerAddress): JWTVerifyGetKey {
  const located = pausing(async () => jwksUri ?? (await jwksUriOf(issuer)));
  const readKeys = pausing(async (address: string) => boundedJson(requireSafe(address)));
  let keys: JWTVerifyGetKey | undefined;
  return async (header, token) => {
    try {
      keys ??= remoteKeys(await located(''), readKeys);
      return await keys(header, token);
    } catch (error) {
      const isAboutToken =
        error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWKSMultipleMatchingKeys;
      if (isAboutToken || error instanceof errors.JOSENotSupported) throw error;
      throw new CodedError('idp_unreachable', { detail: 'keys of an issuer', cause: error });
    }
  };
}

function remoteKeys(address: string, read: (address: string) => Promise<unknown>): JWTVerifyGetKey {
  return createRemoteJWKSet(requireSafe(address), {
    cooldownDuration: COOLDOWN_MS,
    cacheMaxAge: REUSED_MS,
    [customFetch]: async (url) => Response.json(await read(url)),
  });
}

async function jwksUriOf(issuer: string): Promise<string> {
  const address = requireSafe(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`);
  const metadata = (await boundedJson(address)) as { issuer?: unknown; jwks_uri?: unknown } | null;
  if (metadata?.issuer !== issuer) throw new Error('the metadata is of another issuer');
  if (typeof metadata.jwks_uri !== 'string') throw new Error('the metadata names no jwks_uri');
  return metadata.jwks_uri;
}

function requireSafe(address: string): URL {
  const url = new URL(address);
  if (url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url))) return url;
  throw new Error('keys are read over https only');
}

/** For 5 s after a failure, the same failure without another try. */
function pausing<T>(work: (argument: string) => Promise<T>): (argument: string) => Promise<T> {
  let failed: { readonly error: unknown; readonly until: number } | undefined;
  return async (argument) => {
    if (failed && performance.now() < failed.until) throw failed.error;
    try {
      const result = await work(argument);
      failed = undefined;
      return result;
    } catch (error) {
      failed = { error, until: performance.now() + PAUSE_MS };
      throw error;
    }
  };
}
