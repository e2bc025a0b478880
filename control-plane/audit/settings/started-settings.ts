import type { Kysely } from 'kysely';
import type { Database } from '../../storage/schema.js';
import type { SettingsDigests } from './settings-digests.js';

/** Of the settings that a control plane last started with; undefined before the first start. */
export async function startedSettings(db: Kysely<Database>): Promise<SettingsDigests | undefined> {
  const row = await db.selectFrom('started_settings').select('digests').executeTakeFirst();
  return row && (JSON.parse(row.digests) as SettingsDigests);
}

export async function keepStartedSettings(
  db: Kysely<Database>,
  settings: SettingsDigests,
  startedAt: number,
): Promise<void> {
  const row = { digests: JSON.stringify(settings), started_at: startedAt };
  await db
    .insertInto('started_settings')
    .values({ id: 'started', ...row })
    .onConflict((conflict) => conflict.column('id').doUpdateSet(row))
    .execute();
}
