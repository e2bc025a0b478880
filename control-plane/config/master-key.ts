import { parseSecretReference, resolveSecret, SecretUnreadable, type Environment } from './secret-reference.js';

export const DEFAULT_MASTER_KEY = 'file:./master.key';

const BYTES = 32;

/**
 * The 32 bytes that everything stored is sealed under, from `masterKey` (a file that others may not read, or `env:`).
 * Never creates one: a new key would silently orphan what the old one sealed. Throws SecretUnreadable.
 */
export async function readMasterKey(setting: string, directory: string, environment: Environment): Promise<Buffer> {
  const reference = parseSecretReference(setting);
  if (!reference || reference.source === 'secret') {
    throw new SecretUnreadable('the master key cannot lie in the store that it opens', 'write file:PATH or env:NAME');
  }
  const text = await resolveSecret(reference, directory, environment, { private: true }).catch((error: unknown) => {
    if (error instanceof SecretUnreadable && setting === DEFAULT_MASTER_KEY && error.reason === 'absent') {
      throw new SecretUnreadable('there is no master key yet', initFix(directory), 'absent');
    }
    throw error;
  });
  const key = decodeMasterKey(text.trim());
  if (key) return key;
  throw new SecretUnreadable(
    'the master key is not 32 bytes in base64 or hex',
    'restore it from your backup; a new one is made by: openssl rand -base64 32',
  );
}

function initFix(directory: string): string {
  return `run: mcp-sso-control-plane init --config ${directory} (or restore master.key, if there was one)`;
}

/** Exactly 32 bytes in hex (64 digits) or base64 (also base64url, padded or not); undefined for anything else. */
export function decodeMasterKey(text: string): Buffer | undefined {
  if (/^[0-9a-f]{64}$/i.test(text)) return Buffer.from(text, 'hex');
  if (!/^[\w+/-]{43}=?$/.test(text)) return undefined;
  const key = Buffer.from(text, 'base64');
  return key.length === BYTES ? key : undefined;
}
