import type { AuditSet } from '../audit-set.js';
import { setsOf } from './index-rows.js';
import type { WriteRows } from './placed-record.js';

/** PostgreSQL takes 65,535 parameters in a statement, SQLite 32,766. */
const ROWS = 5_000;

/** The sets that rows of the index name, where they are new. */
export const insertSets: WriteRows = async (db, placed) => {
  const sets = placed.flatMap(({ draft }) => Object.values(setsOf(draft)));
  const unique = new Map(sets.filter((set): set is AuditSet => set !== undefined).map((set) => [set.id, set]));
  const rows = [...unique.values()].flatMap(({ id, kind, members }) => members.map((member) => ({ id, kind, member })));
  for (let start = 0; start < rows.length; start += ROWS) {
    await db
      .insertInto('audit_sets')
      .values(rows.slice(start, start + ROWS))
      .onConflict((row) => row.doNothing())
      .execute();
  }
};
