import type { KeyEncryptionKey, KeyEncryptionKeys } from './key-encryption-key.js';

/** What everything stored is sealed under. */
export interface RootKey {
  /** 32 bytes. */
  readonly key: Buffer;
  /** Of `root_keys`; 0 while the master key itself seals. */
  readonly generation: number;
  /** Whose key opened it. */
  readonly by: KeyEncryptionKey;
}

/** What an operator has to do about the keys of the settings; nothing most of the time. */
export function rotationNotes({ by }: RootKey, { current, previous }: KeyEncryptionKeys): string[] {
  if (previous === undefined) return [];
  if (by === previous) {
    return [
      'masterKey: what is stored is still under previousMasterKey; run: mcp-sso-control-plane rotate-keys --master-key',
    ];
  }
  return by === current ? ['previousMasterKey: no longer needed; remove it'] : [];
}
