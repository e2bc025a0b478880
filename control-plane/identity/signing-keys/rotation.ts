import type { Kysely } from 'kysely';
import type { Database } from '../../storage/schema.js';
import type { StorageService } from '../../storage/storage.service.js';
import { LONGEST_TOKEN_LIFE } from '../token-lifetimes.js';
import { addKey, deleteKeys, readKeys, retireKeys, type KeyPurpose, type StoredKey } from './stored-keys.js';

const HOUR = 3_600_000;
/** How long a key is published before it signs: whoever caches our JWKS has it by then. */
const PUBLISHED_AHEAD = 24 * HOUR;
const ROTATED_EVERY = 90 * 24 * HOUR;
/** For how long what an old key signed is accepted after it has signed for the last time. */
const KEPT_AFTER = 2 * LONGEST_TOKEN_LIFE * 1000;

/** Times are epoch milliseconds. */
export interface Rotation {
  readonly kid: string;
  /** From when it signs. */
  readonly activeFrom: number;
  /** Until when the keys before it are accepted. */
  readonly oldUntil: number;
  /** It had been published before, so nothing was changed. */
  readonly pending: boolean;
}

/** Publishes the next key, unless one is published already. Inside a transaction that holds `signing-keys`; writes before it reads. */
export async function publishNextKey(
  db: Kysely<Database>,
  storage: StorageService,
  purpose: KeyPurpose,
  now: number,
): Promise<Rotation> {
  const activeFrom = now + PUBLISHED_AHEAD;
  await deleteKeys(db, purpose, { retiredBy: now });
  const [newest] = await readKeys(db, storage, purpose);
  if (newest && newest.activeFrom > now) {
    return { kid: newest.jwk.kid, ...times(newest.activeFrom), pending: true };
  }
  await retireKeys(db, purpose, times(activeFrom).oldUntil);
  return { kid: await addKey(db, storage, { purpose, now, activeFrom }), ...times(activeFrom), pending: false };
}

/** A leaked key: a new one signs at once, and what any other signed is refused. In a transaction as above. */
export async function replaceKeys(
  db: Kysely<Database>,
  storage: StorageService,
  purpose: KeyPurpose,
  now: number,
): Promise<Rotation> {
  await deleteKeys(db, purpose, 'all');
  return {
    kid: await addKey(db, storage, { purpose, now, activeFrom: now }),
    activeFrom: now,
    oldUntil: now,
    pending: false,
  };
}

/** Whether the next key must be published by now, so that it signs when the newest is 90 days old. */
export function isRotationDue([newest]: readonly StoredKey[], now: number): boolean {
  return newest !== undefined && newest.activeFrom + ROTATED_EVERY - PUBLISHED_AHEAD <= now;
}

function times(activeFrom: number): Pick<Rotation, 'activeFrom' | 'oldUntil'> {
  return { activeFrom, oldUntil: activeFrom + KEPT_AFTER };
}
