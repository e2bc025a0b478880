import type { Kysely } from 'kysely';
import type { Database } from '../storage/schema.js';

/** Number of the revision that was active at a moment (epoch milliseconds); undefined before the first that is known. */
export async function revisionAt(db: Kysely<Database>, moment: number): Promise<number | undefined> {
  const row = await db
    .selectFrom('catalog_activations')
    .select('number')
    .where('activated_at', '<=', moment)
    .orderBy('activated_at', 'desc')
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row?.number;
}
