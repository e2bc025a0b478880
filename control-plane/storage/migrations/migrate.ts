import type { Kysely } from 'kysely';
import { Migrator } from 'kysely/migration';
import { CodedError, errorText } from '#shared/errors.js';
import type { Database } from '../schema.js';
import { up as firstLight } from './001-first-light.js';
import { up as firstLightHolds } from './002-first-light-holds.js';
import { up as identity } from './003-identity.js';
import { up as signInCutoffs } from './004-sign-in-cutoffs.js';
import { up as policy } from './005-policy.js';
import { up as credentials } from './006-credentials.js';
import { up as idpTokens } from './007-idp-tokens.js';
import { up as unansweredChecks } from './008-unanswered-checks.js';
import { up as auditSearch } from './009-audit-search.js';
import { up as auditTree } from './010-audit-tree.js';
import { up as auditExport } from './011-audit-export.js';
import { up as erasure } from './012-erasure.js';
import { up as startedSettings } from './013-started-settings.js';
import { up as legalHolds } from './014-legal-holds.js';
import { up as auditRetention } from './015-audit-retention.js';
import { up as auditIntents } from './016-audit-intents.js';
import { checkSchema, type Migrations } from './schema-check.js';

/** Names sort in the order in which they run, and never change. */
export const MIGRATIONS: Migrations = {
  '001-first-light': { up: firstLight },
  '002-first-light-holds': { up: firstLightHolds },
  '003-identity': { up: identity },
  '004-sign-in-cutoffs': { up: signInCutoffs },
  '005-policy': { up: policy },
  '006-credentials': { up: credentials },
  '007-idp-tokens': { up: idpTokens },
  '008-unanswered-checks': { up: unansweredChecks },
  '009-audit-search': { up: auditSearch },
  '010-audit-tree': { up: auditTree },
  '011-audit-export': { up: auditExport },
  '012-erasure': { up: erasure },
  '013-started-settings': { up: startedSettings },
  '014-legal-holds': { up: legalHolds },
  '015-audit-retention': { up: auditRetention },
  '016-audit-intents': { up: auditIntents },
};

/**
 * Brings the schema up to date, all of it in one transaction and under a lock: of several that start at once, one does it.
 * Resolves to the names of the migrations that it took.
 * @throws CodedError config_invalid where the database is newer, damaged, or refuses a migration.
 */
export async function migrate(db: Kysely<Database>, migrations = MIGRATIONS): Promise<readonly string[]> {
  await checkSchema(db, migrations);
  const migrator = new Migrator({ db, provider: { getMigrations: async () => ({ ...migrations }) } });
  const { error, results = [] } = await migrator.migrateToLatest();
  if (error === undefined) return results.map(({ migrationName }) => migrationName);
  throw new CodedError('config_invalid', {
    message: `The database schema cannot be brought up to date: ${errorText(error)}. Nothing was changed; restore a backup, or run the version of mcp-sso that wrote it.`,
    cause: error,
  });
}
