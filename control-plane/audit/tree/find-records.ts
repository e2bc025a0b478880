import type { Kysely } from 'kysely';
import type { Database } from '../../storage/schema.js';

/** A record where it stands in the log. */
export interface LoggedRecord {
  readonly idx: number;
  /** Canonical JSON. */
  readonly header: string;
}

/** One record and what belongs to it, the intent first: by the id of an intent, of its outcome, or of an event. */
export async function findRecords(db: Kysely<Database>, id: string): Promise<LoggedRecord[]> {
  const own = await db.selectFrom('audit_index').select('ref').where('record_id', '=', id).executeTakeFirst();
  const first = own?.ref ?? id;
  const outcome = await db.selectFrom('audit_index').select('record_id').where('ref', '=', first).executeTakeFirst();
  const ids = [first, ...(outcome ? [outcome.record_id] : [])];
  return db.selectFrom('audit_records').select(['idx', 'header']).where('id', 'in', ids).orderBy('idx').execute();
}
