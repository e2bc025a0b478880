import type { CredentialOf } from '../../config/credential-settings.js';
import type { ServerSettings } from '../../config/settings.js';

/**
 * The most that people are asked for at a server: what the settings name, in its credential and for its tools. Undefined
 * where the credential names none, and the server says what it wants.
 */
export function namedScopes(
  { tools }: Pick<ServerSettings, 'tools'>,
  { scopes }: Pick<CredentialOf<'oauth'>, 'scopes'>,
): readonly string[] | undefined {
  if (scopes === undefined) return undefined;
  return [...new Set([...scopes, ...Object.values(tools).flatMap((tool) => tool.scopes ?? [])])];
}
