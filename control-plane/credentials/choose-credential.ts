import type { CredentialSettings } from '../config/credential-settings.js';
import type { ServerSettings } from '../config/settings.js';

type Choices = Pick<ServerSettings, 'credential' | 'credentialFor'>;

/** The credential that counts for people of these groups; undefined where none is set up for them. */
export function chooseCredential(
  { credential, credentialFor }: Choices,
  groups: readonly string[],
): CredentialSettings | undefined {
  return credentialFor.find((entry) => entry.groups.some((group) => groups.includes(group)))?.credential ?? credential;
}

/** Whether somebody may have no credential where others have one: then that is an error, and not a server without any. */
export function isForSomeOnly({ credential, credentialFor }: Choices): boolean {
  return credential === undefined && credentialFor.length > 0;
}
