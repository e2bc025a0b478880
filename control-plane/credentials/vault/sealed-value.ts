import { randomBytes } from 'node:crypto';
import { openWith, sealWith } from '../../storage/sealing.js';
import type { StorageService } from '../../storage/storage.service.js';

const PURPOSE = 'vault';

/** Which version of which secret it is, and until when: what its row is bound to. */
export interface ValuePlace {
  readonly name: string;
  readonly version: number;
  readonly expiresAt: number | null;
}

export interface SealedValue {
  readonly wrapped_key: Buffer;
  readonly sealed: Buffer;
}

/** Under a fresh data key, which the storage wraps. */
export function sealValue(storage: Pick<StorageService, 'seal'>, place: ValuePlace, value: string): SealedValue {
  const dataKey = randomBytes(32);
  const plain = Buffer.from(value);
  try {
    const binding = boundTo(place);
    return { wrapped_key: storage.seal(PURPOSE, binding, dataKey), sealed: sealWith(dataKey, binding, plain) };
  } finally {
    dataKey.fill(0);
    plain.fill(0);
  }
}

/** Throws where a row is not the one that was written. */
export function openValue(storage: Pick<StorageService, 'open'>, place: ValuePlace, row: SealedValue): string {
  const binding = boundTo(place);
  const dataKey = storage.open(PURPOSE, binding, row.wrapped_key);
  try {
    const plain = openWith(dataKey, binding, row.sealed);
    const value = plain.toString();
    plain.fill(0);
    return value;
  } finally {
    dataKey.fill(0);
  }
}

/** Both layers, so that no row can stand in for another, and none lives longer than it was to. */
function boundTo({ name, version, expiresAt }: ValuePlace): string {
  const end = expiresAt === null ? '' : `/until/${expiresAt}`;
  return `secrets/${name}/${version}${end}`;
}
