import type { TokenSource } from './discovery/discovery.js';

const OFFLINE = 'offline_access';

export interface ScopeWishes {
  /** What the request or the tool wants beyond it. */
  readonly more: readonly string[];
  /** What the person has granted already: asking again must not lose it. */
  readonly granted: readonly string[];
}

/**
 * What to ask a person for: the settings' scopes, else what the server's challenge asks for, else what it supports; none
 * where nobody says (MCP 2026-07-28, Scope Selection Strategy). `offline_access` goes with it where the authorization
 * server knows it, so that the person is not asked every hour (SEP-2207); with scopes in the settings it does not.
 * @param named the most that is asked for, whoever wants more (`namedScopes`).
 */
export function requestedScopes(
  { server, scopes = [] }: TokenSource,
  named: readonly string[] | undefined,
  { more, granted }: ScopeWishes,
): string[] {
  const wanted = [...new Set([...scopes, ...granted, ...more])];
  if (named !== undefined) return wanted.filter((scope) => named.includes(scope));
  if (wanted.length === 0) return wanted;
  const isOffered = server.scopes_supported?.includes(OFFLINE) === true;
  return isOffered ? [...new Set([...wanted, OFFLINE])] : wanted;
}
