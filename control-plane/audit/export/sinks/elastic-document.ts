import { isIP } from 'node:net';
import type { RecordFacts } from '../../record.js';
import type { ExportedRecord } from '../exported-record.js';
import { ocsfEvent } from '../formats/ocsf/event.js';
import { statusOf } from '../formats/ocsf/status.js';

const OUTCOMES: Readonly<Record<number, string>> = { 1: 'success', 2: 'failure' };

/**
 * One record as a document: the fields of the Elastic Common Schema that dashboards read (elastic.co/docs/reference/ecs),
 * and the whole beside them, as `mcp_sso` (the record) or as `ocsf`.
 */
export function elasticDocument(record: ExportedRecord, format: 'ndjson' | 'ocsf'): object {
  const { idx, header, personal } = record;
  const { person, trace, span } = header.facts as RecordFacts;
  const { email, name, address = '' } = personal;
  return {
    '@timestamp': new Date(header.ts).toISOString(),
    event: {
      kind: 'event',
      id: header.id,
      sequence: idx,
      action: header.type,
      outcome: OUTCOMES[statusOf(record).status_id] ?? 'unknown',
      provider: 'mcp-sso',
      ...(personal.reason === undefined ? {} : { reason: personal.reason }),
    },
    ...(person === undefined ? {} : { user: { id: person, email, full_name: name } }),
    ...(isIP(address) === 0 ? {} : { source: { ip: address } }),
    ...(trace === undefined ? {} : { trace: { id: trace } }),
    ...(span === undefined ? {} : { span: { id: span } }),
    ...(format === 'ocsf' ? { ocsf: ocsfEvent(record) } : { mcp_sso: record }),
  };
}
