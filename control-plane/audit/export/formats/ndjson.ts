import type { ExportedRecord } from '../exported-record.js';

/** One line of JSON a record: its place, the header as it was logged, and what is personal. */
export function ndjson(records: readonly ExportedRecord[]): string {
  return records.map((record) => `${JSON.stringify(record)}\n`).join('');
}
