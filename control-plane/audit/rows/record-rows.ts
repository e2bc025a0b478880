import type { WriteRows } from './placed-record.js';

export const insertRecords: WriteRows = async (db, placed) => {
  const rows = placed.map(({ draft, idx, header, leaf }) => ({ idx, id: draft.header.id, header, leaf }));
  await db.insertInto('audit_records').values(rows).execute();
};
