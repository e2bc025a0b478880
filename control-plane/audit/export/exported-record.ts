import type { RecordHeader } from '#shared/audit-log/record-header.js';
import type { RecordPersonal } from '../record.js';

/** One record of the log on its way to a sink. */
export interface ExportedRecord {
  /** Its place in the log, from 0: what a receiver may order by. */
  readonly idx: number;
  /** Its id (UUID v7) tells a repetition from a new one. */
  readonly header: RecordHeader;
  /** Empty where the person was erased, its time ran out, or what is stored is not what was logged. */
  readonly personal: RecordPersonal;
  readonly payload: 'shown' | 'erased' | 'expired' | 'damaged';
}
