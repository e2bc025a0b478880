import { randomBytes } from 'node:crypto';
import { v7 } from 'uuid';
import type { RecordHeader } from '#shared/audit-log/record-header.js';
import { bounded } from './bounded-text.js';
import { commitment } from '#shared/audit-log/commitment.js';
import type { NewRecord, RecordPersonal } from './record.js';

const MAX_FACT = 1000;
const MAX_PERSONAL = 2000;
/** `audit.capture.maxBytes` bounds them, and is never more. */
const MAX_CAPTURED = 1_048_576;

/** A record that only lacks its place in the log. Nothing that a client sent can make its commit fail. */
export interface DraftRecord {
  readonly header: RecordHeader;
  readonly subject: string;
  readonly salt: Buffer;
  readonly personal: RecordPersonal;
}

/** `now`: epoch milliseconds. */
export function draftRecord(record: NewRecord, now: number): DraftRecord {
  const salt = randomBytes(32);
  const personal = { ...bounded(record.personal, MAX_PERSONAL), ...captured(record.personal) };
  const header: RecordHeader = {
    v: 1,
    id: v7(),
    ts: now,
    type: record.type,
    phase: record.phase,
    ...(record.ref === undefined ? {} : { ref: record.ref }),
    facts: { ...bounded(record.facts, MAX_FACT) },
    payload: commitment(salt, personal),
  };
  return { header, subject: record.subject, salt, personal };
}

function captured({ arguments: args, result }: RecordPersonal): RecordPersonal {
  return bounded(
    { ...(args === undefined ? {} : { arguments: args }), ...(result === undefined ? {} : { result }) },
    MAX_CAPTURED,
  );
}
