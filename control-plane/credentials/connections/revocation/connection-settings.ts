import type { CredentialOf } from '../../../config/credential-settings.js';
import type { Settings } from '../../../config/settings.js';
import type { ConnectionRow } from '../connection-rows.js';

/** The credential of these settings that such a connection is made by; undefined where none is any more. */
export function settingsOf(
  servers: Settings['servers'],
  { server, issuer }: Pick<ConnectionRow, 'server' | 'issuer'>,
): CredentialOf<'oauth'> | undefined {
  const found = Object.hasOwn(servers, server) ? servers[server] : undefined;
  const all = [found?.credential, ...(found?.credentialFor ?? []).map(({ credential }) => credential)];
  const accounts = all.filter((credential) => credential?.kind === 'oauth');
  return (
    accounts.find((credential) => issuerOf(credential) === issuer) ??
    accounts.find((credential) => issuerOf(credential) === undefined)
  );
}

/** Undefined where the server itself says it. */
function issuerOf({ issuer, authorizationEndpoint }: CredentialOf<'oauth'>): string | undefined {
  return issuer ?? (authorizationEndpoint === undefined ? undefined : new URL(authorizationEndpoint).origin);
}
