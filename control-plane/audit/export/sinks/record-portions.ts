import type { ExportedRecord } from '../exported-record.js';
import { linesOf, type FormatName } from '../formats/formats.js';
import { portionsOf } from './bodies.js';

interface RecordPortion {
  readonly first: ExportedRecord;
  readonly last: ExportedRecord;
  /** One record a line. */
  readonly lines: string;
}

/** The records in their order, in portions of at most `mostBytes`: each names its first and last record. */
export function recordPortions(
  records: readonly ExportedRecord[],
  format: FormatName,
  mostBytes: number,
): RecordPortion[] {
  return portionsOf(records, (record) => linesOf([record], format), mostBytes).map(({ items, body }) => ({
    first: items[0]!,
    last: items.at(-1)!,
    lines: body,
  }));
}
