import type { Kysely } from 'kysely';
import { Migrator, type Migration } from 'kysely/migration';
import { CodedError, errorText } from '#shared/errors.js';
import type { Database } from '../schema.js';
import { up as firstLight } from './001-first-light.js';
import { up as firstLightHolds } from './002-first-light-holds.js';

const MIGRATIONS: Record<string, Migration> = {
  '001-first-light': { up: firstLight },
  '002-first-light-holds': { up: firstLightHolds },
};

/** Brings the schema up to date, all of it in one transaction and under a lock: of several that start at once, one does it. */
export async function migrate(db: Kysely<Database>): Promise<void> {
  const migrator = new Migrator({ db, provider: { getMigrations: () => Promise.resolve(MIGRATIONS) } });
  const { error } = await migrator.migrateToLatest();
  if (error === undefined) return;
  throw new CodedError('config_invalid', {
    message: `The database schema cannot be brought up to date: ${errorText(error)}. Restore a backup, or run the version of mcp-sso that wrote it.`,
    cause: error,
  });
}
