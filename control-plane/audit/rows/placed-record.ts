import type { Kysely } from 'kysely';
import type { AuditNodesTable } from '../../storage/audit-tables.js';
import type { Database } from '../../storage/schema.js';
import type { DraftRecord } from '../draft-record.js';
import type { SubjectKey } from '../subject-keys.js';

/** A record that has its place in the log. */
export interface PlacedRecord {
  readonly draft: DraftRecord;
  /** From 0, dense. */
  readonly idx: number;
  /** Epoch milliseconds; never less than the record before. */
  readonly ts: number;
  /** The canonical header, whose hash is the leaf. */
  readonly header: string;
  readonly leaf: Buffer;
  /** What the tree keeps of the subtrees whose last leaf it is. */
  readonly nodes: readonly AuditNodesTable[];
}

/** Writes rows of these records, which follow each other, in the transaction that appends them. `keys`: of all their subjects. */
export type WriteRows = (
  db: Kysely<Database>,
  placed: readonly PlacedRecord[],
  keys: ReadonlyMap<string, SubjectKey>,
) => Promise<void>;
