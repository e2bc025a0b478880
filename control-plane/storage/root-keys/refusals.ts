import { CodedError } from '#shared/errors.js';
import { parseExternalKey } from '../../config/key-reference.js';
import type { SecretUnreadable } from '../../config/secret-reference.js';
import type { KeyEncryptionKey } from './key-encryption-key.js';

export function anotherKey({ setting }: KeyEncryptionKey): CodedError {
  return refusal(
    `${setting} is not the key that this database was written with. Restore the right one from your backup; a new one cannot open what is stored.`,
  );
}

/** `kek` is read from the database, so only what has the form of a key is shown. */
export function notOfThese(kek: string, current: KeyEncryptionKey): CodedError {
  const external = parseExternalKey(kek) !== undefined;
  if (!external && current.direct !== undefined) return anotherKey(current);
  const which = external ? kek : 'a key from a file or the environment';
  return refusal(
    `${current.setting} did not wrap the key of this database; ${which} did. Name that one as previousMasterKey, start, and run: mcp-sso-control-plane rotate-keys --master-key`,
  );
}

/** Everything that was sealed before there were root keys. */
export function nothingWrapped({ setting }: KeyEncryptionKey): CodedError {
  return refusal(
    `${setting} has wrapped no key of this database yet. Name the key that it was written with as previousMasterKey, start, and run: mcp-sso-control-plane rotate-keys --master-key`,
  );
}

export function unasked({ setting }: KeyEncryptionKey, { message, fix }: SecretUnreadable): CodedError {
  return refusal(`${setting}: ${message}. To do: ${fix}.`);
}

export function damaged(): CodedError {
  return refusal(
    'The database is damaged: its row of root_keys was altered, or belongs to another database. Restore the whole of it from a backup.',
  );
}

export function setBack(): CodedError {
  return refusal(
    'The database is damaged: root_keys was set back to an older row. Restore the whole of it from a backup.',
  );
}

function refusal(message: string): CodedError {
  return new CodedError('config_invalid', { message });
}
