import { ERRORS } from '#shared/errors.js';
import { databaseLocation } from '../config/database-location.js';
import { checkDirectory } from './check-directory.js';
import { report } from './check.js';
import { print, type Terminal } from './terminal.js';

/** `migrate`: brings the schema of the database up to date, which `start` does too, and says what it did. */
export async function migrate(directory: string, terminal: Terminal): Promise<number> {
  const { config, ...verdict } = await checkDirectory(directory, terminal.environment);
  if (!config) {
    print(terminal.errors, ...report(verdict, directory));
    return ERRORS.config_invalid.exit;
  }
  const location = await databaseLocation(config.settings.database, config);
  const { databaseName, isSqlite, migrateDatabase } = await import('../storage/open-database.js');
  const { lockDatabase } = await import('../storage/database-lock.js');
  using _lock = isSqlite(location) ? lockDatabase(location, config.directory) : undefined;
  const applied = await migrateDatabase(location, config.directory);
  const name = databaseName(location, config.directory);
  print(
    terminal.output,
    ...applied.map((migration) => `applied ${migration}`),
    applied.length === 0 ? `${name} is up to date; nothing was changed.` : `${name} is up to date.`,
  );
  return 0;
}
