import type { Kysely } from 'kysely';
import { leafHash } from '../../../shared/audit-log/merkle-tree.js';
import { formatHeader } from '../../../shared/audit-log/record-header.js';
import { commitment } from '../../../shared/audit-log/commitment.js';
import { insertIndex } from '../../../control-plane/audit/rows/index-rows.js';
import { insertPayloads } from '../../../control-plane/audit/rows/payload-rows.js';
import type { PlacedRecord } from '../../../control-plane/audit/rows/placed-record.js';
import { insertRecords } from '../../../control-plane/audit/rows/record-rows.js';
import { insertSets } from '../../../control-plane/audit/rows/set-rows.js';
import { SubjectKeys } from '../../../control-plane/audit/subject-keys.js';
import type { Database } from '../../../control-plane/storage/schema.js';
import type { StorageService } from '../../../control-plane/storage/storage.service.js';
import { generatedPeople, generatedRecords, type GeneratedRecord } from './generated-records.js';

const BATCH = 1_000;
const SALT = Buffer.alloc(32, 1);

/**
 * Stores generated records by the rows that the log itself would write, without its tree and its checkpoint, and the payloads of
 * the newest `payloads` of them. All in one transaction.
 */
export async function storeRecords(storage: StorageService, count: number, payloads: number): Promise<void> {
  const keys = new SubjectKeys(storage);
  await storage.db.transaction().execute(async (db) => {
    await storePeople(db, keys);
    let idx = 0;
    let batch: PlacedRecord[] = [];
    const flush = async (): Promise<void> => {
      const known = await keys.ensure(db, new Set(batch.map(({ draft }) => draft.subject)), 0);
      await insertRecords(db, batch, known);
      await insertIndex(db, batch, known);
      await insertSets(db, batch, known);
      if (idx > count - payloads) await insertPayloads(db, batch, known);
      batch = [];
    };
    for (const record of generatedRecords(count)) {
      batch.push(placed(record, idx));
      idx += 1;
      if (batch.length === BATCH) await flush();
    }
    if (batch.length > 0) await flush();
  });
}

async function storePeople(db: Kysely<Database>, keys: SubjectKeys): Promise<void> {
  const people = generatedPeople();
  const rows = people.map(({ id, email }) => ({
    id,
    provider: 'okta',
    issuer: 'https://acme.okta.example',
    subject: id,
    email,
    name: null,
    created_at: 0,
  }));
  await db.insertInto('persons').values(rows).execute();
  await keys.ensure(db, new Set(people.map(({ id }) => id)), 0);
}

function placed({ id, ts, type, phase, ref, facts, personal }: GeneratedRecord, idx: number): PlacedRecord {
  const header = {
    ...({ v: 1, id, ts, type, phase, facts: { ...facts }, payload: commitment(SALT, personal) } as const),
    ...(ref === undefined ? {} : { ref }),
  };
  const text = formatHeader(header);
  const draft = { header, subject: facts.person ?? 'system', salt: SALT, personal };
  return { draft, idx, ts, header: text, leaf: leafHash(text), nodes: [] };
}
