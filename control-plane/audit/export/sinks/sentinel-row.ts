import type { RecordFacts } from '../../record.js';
import type { ExportedRecord } from '../exported-record.js';
import { ocsfEvent } from '../formats/ocsf/event.js';
import { statusOf } from '../formats/ocsf/status.js';
import { targetOf } from '../target-of.js';
import { withoutCaptured } from '../without-captured.js';

/** "Maximum size for field values: 64 KB": Azure Monitor cuts off what is longer, and does not say so. */
const MOST_BYTES = 64_000;

/** One record as a row of the stream that docs/guides/audit-export.md declares. */
export function sentinelRow(record: ExportedRecord, format: 'ndjson' | 'ocsf'): object {
  const { idx, header, personal } = record;
  const facts = header.facts as RecordFacts;
  const { person, server, decision } = facts;
  return {
    TimeGenerated: new Date(header.ts).toISOString(),
    RecordId: header.id,
    RecordIndex: idx,
    EventType: header.type,
    Phase: header.phase,
    Status: statusOf(record).status,
    Person: person,
    Email: personal.email,
    Address: personal.address,
    Server: server,
    Target: targetOf(facts, personal),
    Decision: decision,
    ...wholeOf(record, format),
  };
}

/** What would be cut off leaves without arguments and results, and says that it did. */
function wholeOf(
  record: ExportedRecord,
  format: 'ndjson' | 'ocsf',
): { readonly Event: object; readonly Shortened: boolean } {
  const eventOf = (from: ExportedRecord): object => (format === 'ocsf' ? ocsfEvent(from) : from);
  const whole = eventOf(record);
  if (Buffer.byteLength(JSON.stringify(whole)) <= MOST_BYTES) return { Event: whole, Shortened: false };
  return { Event: eventOf(withoutCaptured(record)), Shortened: true };
}
