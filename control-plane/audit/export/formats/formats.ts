import { jsonText } from '#shared/json-text.js';
import type { ExportedRecord } from '../exported-record.js';
import { cef } from './cef.js';
import { ndjson } from './ndjson.js';
import { ocsfEvent } from './ocsf/event.js';

/** One record as a text of one line, without its end. */
type Format = (record: ExportedRecord) => string;

export const FORMATS = {
  ndjson,
  ocsf: (record) => jsonText(ocsfEvent(record)),
  cef,
} satisfies Record<string, Format>;
export type FormatName = keyof typeof FORMATS;

/** One record a line. */
export function linesOf(records: readonly ExportedRecord[], format: FormatName): string {
  return records.map((record) => `${FORMATS[format](record)}\n`).join('');
}
