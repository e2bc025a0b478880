import type { Kysely } from 'kysely';
import { measure, refuseSkew } from '../clock/skew.js';
import type { LoadedConfig } from '../config/settings.js';
import { databaseClock } from './database-clock.js';
import { checkMasterKey } from './installation.js';
import { databaseName, openDatabase } from './open-database.js';
import type { Database } from './schema.js';
import { unwritable } from './unwritable.js';

/**
 * Opens the database at `location` (settings.database, resolved) and makes sure that it takes writes, tells the same time as this machine, and is
 * sealed under this master key. `onLost` hears of idle connections to PostgreSQL that broke.
 * @throws CodedError config_invalid, in one sentence that says what to do.
 */
export async function openInstallation(
  location: string,
  { settings, directory, masterKey }: LoadedConfig,
  onLost?: (error: Error) => void,
): Promise<Kysely<Database>> {
  const db = await openDatabase(location, directory, onLost);
  try {
    const clock = databaseClock(db);
    if (clock) refuseSkew(clock, await measure(clock));
    await checkMasterKey(db, masterKey, settings.masterKey);
    return db;
  } catch (error) {
    await db.destroy();
    throw unwritable(error, databaseName(location, directory)) ?? error;
  }
}
