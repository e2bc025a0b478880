import type { Kysely } from 'kysely';
import type { AuditRecord, AuditRecords } from '#shared/api/audit-record.js';
import { parseHeader } from '#shared/audit-log/record-header.js';
import { CodedError } from '#shared/errors.js';
import type { Database } from '../../storage/schema.js';
import { withoutCaptured } from '../capture/without-captured.js';
import type { RecordPersonal } from '../record.js';
import type { SubjectKeys } from '../subject-keys.js';
import { findRecords } from '../tree/find-records.js';
import { loadPayloads, type Payload } from './load-payloads.js';
import type { AuditView } from './search.js';

/**
 * Everything of one record and of what belongs to it; undefined where there is none, or it is not of `view.person`. Throws
 * `audit_unavailable` where one is damaged.
 */
export async function showRecords(
  { db, keys }: { readonly db: Kysely<Database>; readonly keys: SubjectKeys },
  id: string,
  view: AuditView,
): Promise<AuditRecords | undefined> {
  const found = (await findRecords(db, id)).map(({ idx, header }) => ({ idx, header: required(header, idx) }));
  const isTheirs = ({ header }: (typeof found)[number]): boolean => header.facts['person'] === view.person;
  if (found.length === 0 || (view.person !== undefined && !found.every(isTheirs))) return undefined;
  const headers = found.map(({ header }) => header);
  const payloads = await loadPayloads(db, keys, headers, view.payloads);
  const shown = (personal: RecordPersonal) => (view.person === undefined ? personal : withoutCaptured(personal));
  return {
    records: found.map(({ idx, header }): AuditRecord => {
      const { id: own, v, ts, type, phase, ref, facts, payload: commitment } = header;
      const payload: Payload = payloads.get(own) ?? { state: 'damaged' };
      return {
        id: own,
        index: idx,
        version: v,
        time: new Date(ts).toISOString(),
        type,
        phase,
        ref: ref ?? null,
        facts: facts as AuditRecord['facts'],
        commitment,
        personal: payload.state === 'shown' ? { ...shown(payload.personal) } : null,
        payload: payload.state,
      };
    }),
  };
}

function required(text: string, index: number) {
  const header = parseHeader(text);
  if (header) return header;
  throw new CodedError('audit_unavailable', {
    message: `Record ${index} of the audit log is damaged. Run \`mcp-sso audit verify\` to see what else is.`,
  });
}
