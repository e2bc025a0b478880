import { deriveKey, openWith, sealWith } from '../sealing.js';
import type { KeyEncryptionKey } from './key-encryption-key.js';

const PURPOSE = 'root-keys';

/** The 32 bytes of `masterKey`, from a file or the environment. */
export function localKey(masterKey: Buffer, setting: string): KeyEncryptionKey {
  const key = deriveKey(masterKey, PURPOSE);
  return {
    id: `local:${deriveKey(masterKey, 'key-id').toString('hex', 0, 8)}`,
    setting,
    direct: masterKey,
    wrap: async (plain) => sealWith(key, PURPOSE, plain),
    unwrap: async (wrapped) => openWith(key, PURPOSE, wrapped),
  };
}
