import type { Kysely } from 'kysely';
import type { Database } from '../../storage/schema.js';

/** Ids of the sessions of these people that have not ended. */
export async function liveSessionsOf(db: Kysely<Database>, persons: readonly string[]): Promise<string[]> {
  if (persons.length === 0) return [];
  const rows = await db
    .selectFrom('sessions')
    .select('id')
    .where('person_id', 'in', persons)
    .where('ended_at', 'is', null)
    .execute();
  return rows.map(({ id }) => id);
}

/** `by` names the path by which it was said; undefined lets the person in again. `at`: epoch milliseconds. */
export async function setDisabled(
  db: Kysely<Database>,
  person: string,
  disabled: { readonly at: number; readonly by: string } | undefined,
): Promise<void> {
  await db
    .updateTable('persons')
    .set({ disabled_at: disabled?.at ?? null, disabled_by: disabled?.by ?? null })
    .where('id', '=', person)
    .execute();
}
