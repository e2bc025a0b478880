import { formatHeader } from '#shared/audit-log/record-header.js';
import { leafHash } from '#shared/audit-log/merkle-tree.js';
import type { ExportedRecord } from '../../exported-record.js';

const FACTS = ['person', 'session', 'client', 'policies', 'status', 'durationMs', 'trace', 'deviceKey'];
const PERSONAL = [
  'email',
  'name',
  'address',
  'port',
  'subject',
  'groups',
  'arguments',
  'result',
  'requestId',
  'userAgent',
  'reason',
];

/**
 * What OCSF has no attribute for, under the names of the record; with it the place in the tree, which the profile
 * `record_integrity` of a later release will take.
 */
export function unmappedOf({ header, personal, payload }: ExportedRecord): object {
  return {
    phase: header.phase,
    payload,
    leafHash: leafHash(formatHeader(header)).toString('hex'),
    facts: without(header.facts, FACTS),
    personal: without(personal, PERSONAL),
  };
}

function without(all: object, names: readonly string[]): object {
  return Object.fromEntries(Object.entries(all).filter(([name]) => !names.includes(name)));
}
