import { jsonText } from '#shared/json-text.js';
import type { ExportedRecord } from '../exported-record.js';

/** One line of JSON: the record's place, the header as it was logged, and what is personal. */
export function ndjson(record: ExportedRecord): string {
  return jsonText(record);
}
