import { randomBytes } from 'node:crypto';
import { kindOf } from '#shared/audit-log/record-kinds.js';
import { sealPayload } from '../sealed-payload.js';
import type { WriteRows } from './placed-record.js';

/** What is personal, under the key of whom it is about. What is still said of somebody erased is sealed under a key that nobody keeps. */
export const insertPayloads: WriteRows = async (db, placed, keys) => {
  const rows = placed.map(({ draft: { header, subject, salt, personal } }) => ({
    record_id: header.id,
    kind: kindOf(header.type),
    subject,
    sealed: sealPayload(keys.get(subject)?.key ?? randomBytes(32), header.id, salt, personal),
  }));
  await db.insertInto('audit_payloads').values(rows).execute();
};
