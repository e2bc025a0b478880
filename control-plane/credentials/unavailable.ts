import { CodedError, errorText } from '#shared/errors.js';
import type { CredentialKind } from '../config/credential-settings.js';
import { SecretUnreadable } from '../config/secret-reference.js';
import type { Injection } from './injection.js';

/** A server's credential can't be had; the reason is for operators. */
export function unavailable(server: string, why: string, kind?: CredentialKind): CodedError {
  const named = kind === undefined ? '' : ` (${kind})`;
  return new CodedError('credential_unavailable', { detail: `servers.${server}.credential${named}: ${why}` });
}

/** Whatever goes wrong there, as a coded error that names the server. */
export async function readable(
  server: string,
  read: () => Promise<Injection>,
  kind?: CredentialKind,
): Promise<Injection> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof CodedError) throw error;
    const why = error instanceof SecretUnreadable ? `${error.message}; ${error.fix}` : errorText(error);
    throw unavailable(server, why, kind);
  }
}
