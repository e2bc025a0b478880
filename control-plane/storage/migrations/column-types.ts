import type { Kysely } from 'kysely';
import { engineOf } from '../engine.js';

/** The type of a column of bytes. */
export function bytes<T>(db: Kysely<T>): 'blob' | 'bytea' {
  return engineOf(db) === 'postgres' ? 'bytea' : 'blob';
}
