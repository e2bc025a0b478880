import type { AnsweredTokens } from './answered-tokens.js';
import type { TokenRequest } from './connection.js';
import type { AccessToken, ConnectionTokens } from './sealed-connection.js';

/** Access tokens with fewer scopes that are kept of one connection. */
const MAX_NARROWED = 8;
const OFFLINE = 'offline_access';
/** Milliseconds that a request takes to get there. */
const TRAVEL = 1_000;

/** The scopes of a narrower token that a request wants; undefined where all that was granted is right for it. */
export function narrowScopes(
  { scopes }: Pick<TokenRequest, 'scopes'>,
  granted: readonly string[],
): readonly string[] | undefined {
  if (scopes === undefined) return undefined;
  const wanted = [...new Set(scopes)].toSorted();
  return granted.some((scope) => !wanted.includes(scope)) ? wanted : undefined;
}

/** The access token that there is for these scopes, and that the server has not refused. */
export function heldAccess(
  tokens: ConnectionTokens,
  scopes: readonly string[] | undefined,
  refused: string | undefined,
): AccessToken | undefined {
  const held =
    scopes === undefined ? tokens : tokens.narrowed.find((entry) => entry.scopes.join(' ') === scopes.join(' '));
  return held?.accessToken === refused ? undefined : held;
}

/** Long enough not to be renewed. */
export function isFresh({ renewAt }: AccessToken, now: number): boolean {
  return renewAt === null || now < renewAt;
}

/** It opens the server still, though another should be fetched. */
export function isAlive({ expiresAt }: AccessToken, now: number): boolean {
  return expiresAt === null || now + TRAVEL < expiresAt;
}

/** With what a refresh gave: an access token, and the refresh token that counts from now on. */
export function withRefreshed(
  tokens: ConnectionTokens,
  scopes: readonly string[] | undefined,
  { accessToken, expiresAt, renewAt }: AccessToken,
  rotated: string | null,
): ConnectionTokens {
  const access = { accessToken, expiresAt, renewAt };
  const refreshToken = rotated ?? tokens.refreshToken;
  // Fewer scopes may be what the old ones were cut from: after a renewal of all they are fetched anew.
  if (scopes === undefined) return { ...tokens, ...access, refreshToken, narrowed: [] };
  const others = tokens.narrowed.filter((entry) => entry.scopes.join(' ') !== scopes.join(' '));
  const narrowed = [{ ...access, scopes: [...scopes] }, ...others].slice(0, MAX_NARROWED);
  return { ...tokens, refreshToken, narrowed };
}

/** Whether a token for these scopes may do more. `offline_access` says no more than that there is a refresh token. */
export function isWider(given: readonly string[], scopes: readonly string[] | undefined): boolean {
  return scopes !== undefined && given.some((scope) => scope !== OFFLINE && !scopes.includes(scope));
}

/** With what a server gave that was asked for less: all that was granted is used for calls that may have it. */
export function withWider(
  tokens: ConnectionTokens,
  granted: readonly string[],
  answer: AnsweredTokens,
): ConnectionTokens {
  const isAll = !isWider(answer.scopes, granted) && !isWider(granted, answer.scopes);
  if (isAll) return withRefreshed(tokens, undefined, answer, answer.refreshToken);
  return { ...tokens, refreshToken: answer.refreshToken ?? tokens.refreshToken };
}
