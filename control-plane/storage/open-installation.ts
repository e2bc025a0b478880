import type { Kysely } from 'kysely';
import { measure, refuseSkew } from '../clock/skew.js';
import type { LoadedConfig } from '../config/settings.js';
import { databaseClock } from './database-clock.js';
import { databaseName, openDatabase } from './open-database.js';
import { keysOfSettings } from './root-keys/keys-of-settings.js';
import { openRootKey } from './root-keys/open-root-key.js';
import { rotationNotes, type RootKey } from './root-keys/root-key.js';
import type { Database } from './schema.js';
import { unwritable } from './unwritable.js';

export interface OpenInstallation {
  readonly db: Kysely<Database>;
  readonly rootKey: RootKey;
  /** What an operator has to do about the keys. */
  readonly notes: readonly string[];
}

/**
 * Opens the database at `location` (settings.database, resolved) and makes sure that it takes writes, tells the same time as this machine, and that
 * the keys of the settings open what is stored. `onLost` hears of idle connections to PostgreSQL that broke.
 * @throws CodedError config_invalid, in one sentence that says what to do.
 */
export async function openInstallation(
  location: string,
  config: LoadedConfig,
  onLost?: (error: Error) => void,
): Promise<OpenInstallation> {
  const { directory } = config;
  const db = await openDatabase(location, directory, onLost);
  try {
    const clock = databaseClock(db);
    if (clock) refuseSkew(clock, await measure(clock));
    const keys = await keysOfSettings(config);
    const rootKey = await openRootKey(db, keys);
    return { db, rootKey, notes: rotationNotes(rootKey, keys) };
  } catch (error) {
    await db.destroy();
    throw unwritable(error, databaseName(location, directory)) ?? error;
  }
}
