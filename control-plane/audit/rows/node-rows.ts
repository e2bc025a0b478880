import type { WriteRows } from './placed-record.js';

/** The tree above the leaves, from subtrees of 256 on. */
export const insertNodes: WriteRows = async (db, placed) => {
  const rows = placed.flatMap(({ nodes }) => nodes);
  if (rows.length > 0) await db.insertInto('audit_nodes').values(rows).execute();
};
