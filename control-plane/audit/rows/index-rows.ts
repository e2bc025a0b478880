import type { AuditIndexTable } from '../../storage/schema.js';
import type { DraftRecord } from '../draft-record.js';
import { indexedText } from '../indexed-text.js';
import type { WriteRows } from './placed-record.js';

export const insertIndex: WriteRows = async (db, placed) => {
  const rows = placed.map(({ draft, ts }) => indexRow(draft, ts));
  await db.insertInto('audit_index').values(rows).execute();
};

/** What search filters by. `client` is two lines: the registered client, and what the app claims to be. */
function indexRow({ header, subject, personal }: DraftRecord, ts: number): AuditIndexTable {
  const fact = (name: string): string | null => {
    const value = header.facts[name];
    return typeof value === 'string' ? indexedText(value) : null;
  };
  return {
    record_id: header.id,
    ts,
    type: header.type,
    phase: header.phase,
    ref: header.ref ?? null,
    subject: fact('person') ?? (subject === 'system' ? null : subject),
    client: `${oneLine(fact('client'))}\n${oneLine(personal.claimedClient?.name)}`,
    server: fact('server'),
    target: fact('target'),
    decision: fact('decision'),
  };
}

function oneLine(text: string | null | undefined): string {
  return (text ?? '').replaceAll(/\p{Cc}/gu, ' ').toLowerCase();
}
