import type { AuditIndexTable } from '../../storage/audit-tables.js';
import { auditSet, type AuditSet } from '../audit-set.js';
import type { DraftRecord } from '../draft-record.js';
import { indexedText } from '../indexed-text.js';
import type { WriteRows } from './placed-record.js';

export const insertIndex: WriteRows = async (db, placed, keys) => {
  const rows = placed.map(({ draft, ts }) => {
    const row = indexRow(draft, ts);
    return keys.get(draft.subject)?.key === null ? { ...row, ...OF_NOBODY } : row;
  });
  await db.insertInto('audit_index').values(rows).execute();
};

/** What an erased person's rows say of them. */
export const OF_NOBODY = { subject: null, client: null, agent_session: null, group_set: null } as const;

/** What search filters by. `client` is two lines: the registered client, and what the app claims to be. */
function indexRow(draft: DraftRecord, ts: number): AuditIndexTable {
  const { header, subject, personal } = draft;
  const fact = (name: string): string | null => {
    const value = header.facts[name];
    return typeof value === 'string' ? indexedText(value) : null;
  };
  const { groups, policies } = setsOf(draft);
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
    session: fact('session'),
    group_set: groups?.id ?? null,
    policy_set: policies?.id ?? null,
    trace: fact('trace'),
    agent_session: personal.agent?.session === undefined ? null : indexedText(personal.agent.session),
    outcome: fact('outcome'),
    code: fact('code'),
    grant_id: fact('grant'),
  };
}

/** Undefined where the record names none; an outcome's are those of its intent. */
export function setsOf({ header, personal }: DraftRecord): Record<'groups' | 'policies', AuditSet | undefined> {
  const { policies } = header.facts;
  const counts = header.phase !== 'outcome';
  return {
    groups: counts && personal.groups !== undefined ? auditSet('groups', personal.groups) : undefined,
    policies: counts && Array.isArray(policies) ? auditSet('policies', policies.map(String)) : undefined,
  };
}

function oneLine(text: string | null | undefined): string {
  return indexedText((text ?? '').replaceAll(/\p{Cc}/gu, ' ').toLowerCase());
}
