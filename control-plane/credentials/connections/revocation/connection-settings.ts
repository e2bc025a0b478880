import type { CredentialOf } from '../../../config/credential-settings.js';
import type { Settings } from '../../../config/settings.js';
import type { ConnectionRow } from '../connection-rows.js';
import { namedIssuer } from '../named-issuer.js';

/** The credential of these settings that such a connection is made by; undefined where none is any more. */
export function settingsOf(
  servers: Settings['servers'],
  { server, issuer }: Pick<ConnectionRow, 'server' | 'issuer'>,
): CredentialOf<'oauth'> | undefined {
  const found = Object.hasOwn(servers, server) ? servers[server] : undefined;
  const all = [found?.credential, ...(found?.credentialFor ?? []).map(({ credential }) => credential)];
  const accounts = all.filter((credential) => credential?.kind === 'oauth');
  return (
    accounts.find((credential) => namedIssuer(credential) === issuer) ??
    accounts.find((credential) => namedIssuer(credential) === undefined)
  );
}
