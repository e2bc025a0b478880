import { PERSONAL_KINDS, SCOPED_KINDS, type CredentialSettings } from '../config/credential-settings.js';
import { isHosted } from '../config/settings.js';
import type { Asked } from './credential-kind.js';
import { narrowedScopes } from './tokens/kept-tokens.js';
import { unavailable } from './unavailable.js';

/**
 * What the configuration check finds faults with, once more before anything leaves: a wider token than the settings
 * allow, and a person's token in a process that serves everyone.
 * @throws CodedError credential_unavailable
 */
export function requireFitting(asked: Asked<CredentialSettings>): void {
  const { server, settings, credential } = asked;
  const { kind } = credential;
  const refuse = (why: string): never => {
    throw unavailable(server, why, kind);
  };
  const isNarrowed = narrowedScopes(asked) !== undefined;
  if (isNarrowed && !SCOPED_KINDS.includes(kind)) refuse(`it has no scopes for tools.${asked.tool}.scopes to narrow`);
  if (!isHosted(settings)) return;
  if (isNarrowed) refuse('a hosted server gets its token when it starts, not for a call');
  if (!('variable' in credential) || credential.variable === undefined) refuse('no variable brings it to the server');
  if (settings.shared && PERSONAL_KINDS.includes(kind)) refuse('one process for everyone gets nobody’s own token');
}
