import { sealPayload } from '../sealed-payload.js';
import type { WriteRows } from './placed-record.js';

/** What is personal, under the key of whom it is about; a key that is missing is made as of the first record. */
export const insertPayloads: WriteRows = async (db, placed, subjectKeys) => {
  const drafts = placed.map(({ draft }) => draft);
  const keys = await subjectKeys.ensure(db, new Set(drafts.map(({ subject }) => subject)), placed[0]?.ts ?? 0);
  const rows = drafts.map(({ header, subject, salt, personal }) => ({
    record_id: header.id,
    subject,
    sealed: sealPayload(keys.get(subject)!.key, header.id, salt, personal),
  }));
  await db.insertInto('audit_payloads').values(rows).execute();
};
