import { putObject, type ObjectStorage } from '../../delivery/put-object.js';
import type { ExportedRecord } from '../exported-record.js';
import type { Sink } from '../sink.js';
import { recordPortions } from './record-portions.js';

const MOST = 1_000;
const MOST_BYTES = 8_000_000;
const NDJSON = 'application/x-ndjson';
const DIGITS = 16;

interface ObjectStorageOptions {
  readonly name: string;
  readonly format: 'ndjson' | 'ocsf';
  /** Seconds that a record waits at most for others to share its object. */
  readonly everySeconds: number;
  readonly storage: ObjectStorage;
}

/** One object a batch, one record a line, under a name that tells its day and records: the same batch replaces itself. */
export function objectStorageSink({ name, format, everySeconds, storage }: ObjectStorageOptions): Sink {
  return {
    name,
    most: MOST,
    gathersMs: everySeconds * 1_000,
    async send(records, signal) {
      for (const { first, last, lines } of recordPortions(records, format, MOST_BYTES)) {
        await putObject(storage, { name: nameOf(first, last), contentType: NDJSON, body: lines }, signal);
      }
    },
  };
}

/** `yyyy/mm/dd/FIRST-LAST.ndjson`: the day (UTC) of the first record, and both indexes so that names sort as the log does. */
function nameOf(first: ExportedRecord, last: ExportedRecord): string {
  const day = new Date(first.header.ts).toISOString().slice(0, 10).replaceAll('-', '/');
  return `${day}/${padded(first.idx)}-${padded(last.idx)}.ndjson`;
}

function padded(idx: number): string {
  return String(idx).padStart(DIGITS, '0');
}
