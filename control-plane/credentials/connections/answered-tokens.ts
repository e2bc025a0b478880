import type { TokenEndpointResponse } from 'openid-client';
import { DiscoveryFault } from './discovery/discovery-fault.js';

/** What a token endpoint gave (RFC 6749 §5.1). Times are epoch milliseconds. */
export interface AnsweredTokens {
  readonly accessToken: string;
  /** Null where none came: then an earlier one stays good (§6). */
  readonly refreshToken: string | null;
  readonly expiresAt: number | null;
  /** From when on another is fetched; null where nobody said when it expires. */
  readonly renewAt: number | null;
  readonly scopes: readonly string[];
}

/** More would be no token that a header can carry. */
const MAX_LENGTH = 8192;
/** Milliseconds before its end at which a token is renewed; of a short life, a fifth. */
const MARGIN = 60_000;
const MARGIN_PART = 200;

/**
 * @param asked what it was asked for: granted, where it does not say otherwise.
 * @throws DiscoveryFault for a token that is no bearer token (RFC 6750), or that no header can carry.
 */
export function answeredTokens(
  {
    access_token: accessToken,
    refresh_token: refreshToken,
    expires_in: life,
    scope,
    token_type: type,
  }: TokenEndpointResponse,
  asked: readonly string[],
  now: number,
): AnsweredTokens {
  if (type !== 'bearer' || accessToken.length > MAX_LENGTH || !/^[!-~]{4,}$/.test(accessToken)) {
    throw new DiscoveryFault('the authorization server gave no bearer token', 'tell whoever runs it');
  }
  return {
    accessToken,
    refreshToken: refreshToken ?? null,
    expiresAt: life === undefined ? null : now + life * 1000,
    renewAt: life === undefined ? null : now + life * 1000 - Math.min(MARGIN, life * MARGIN_PART),
    scopes: scope === undefined ? asked : scope.split(' ').filter(Boolean),
  };
}
