import type { StoreKind } from '../system/settings-file.js';

export const KEY_BYTES = 32;

/** Keeps the one 32-byte key that opens the file of saved sign-ins. All methods throw CodedError credential_store. */
export interface KeyHolder {
  readonly kind: Exclude<StoreKind, 'memory'>;
  /** Where the key is, for people. */
  readonly place: string;
  /** Undefined where no key was made yet. */
  read(): Promise<Buffer | undefined>;
  /** Makes and keeps a key; call under the store's lock. */
  create(): Promise<Buffer>;
  remove(): Promise<void>;
}
