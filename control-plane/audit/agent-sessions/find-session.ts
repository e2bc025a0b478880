import { sql, type Kysely } from 'kysely';
import { MAX_SESSION_CALLS, type AuditSession } from '#shared/api/audit-session.js';
import { CodedError } from '#shared/errors.js';
import type { Database } from '../../storage/schema.js';
import { indexedText } from '../indexed-text.js';
import type { RecordType } from '../record.js';
import { auditEntry } from '../search/entry.js';
import { loadPayloads } from '../search/load-payloads.js';
import { loadHeaders, loadOutcomes } from '../search/load-records.js';
import { loadPeople } from '../search/search.js';
import type { SubjectKeys } from '../subject-keys.js';
import { agentCall } from './agent-call.js';
import { sessionTree } from './session-tree.js';

const CALLS: readonly RecordType[] = ['tool.call', 'resource.read', 'prompt.get', 'method.use'];
/** Where an id may stand beside our sign-in: a trace, or what an app calls its session. Clients choose both. */
const CHOSEN_BY_CLIENTS = ['trace', 'agent_session'] as const;
type Column = 'session' | (typeof CHOSEN_BY_CLIENTS)[number];

interface Sources {
  readonly db: Kysely<Database>;
  readonly keys: SubjectKeys;
}

/**
 * All calls of one session or trace as trees, with what is personal. `person`: whose alone, or everyone's. Throws
 * `not_found` where there is none.
 */
export async function findSession({ db, keys }: Sources, id: string, person?: string): Promise<AuditSession> {
  const found = await findCalls(db, id, person);
  if (found.length === 0) {
    throw new CodedError('not_found', {
      message: 'No call has this id as its session or trace. Give the id of a sign-in, of a trace, or the app’s own.',
    });
  }
  const ids = found.slice(0, MAX_SESSION_CALLS);
  const byId = await loadHeaders(db, ids);
  const headers = ids.flatMap((one) => byId.get(one) ?? []);
  const [outcomes, payloads, people] = await Promise.all([
    loadOutcomes(db, ids),
    loadPayloads(db, keys, headers, true),
    loadPeople(db, headers),
  ]);
  const calls = headers.map((header) => {
    const payload = payloads.get(header.id) ?? { state: 'damaged' as const };
    return agentCall(auditEntry(header, outcomes.get(header.id), payload, people), header, payload);
  });
  return { id, ...sessionTree(calls), truncated: found.length > ids.length };
}

/** The calls of the sign-in, where it is one: nobody else's claim can stand beside them, or in their place. */
async function findCalls(db: Kysely<Database>, id: string, person: string | undefined): Promise<string[]> {
  const ofSignIn = await callsWith(db, ['session'], id, person);
  return ofSignIn.length > 0 ? ofSignIn : callsWith(db, CHOSEN_BY_CLIENTS, id, person);
}

/** Oldest first, one more than a tree shows. */
async function callsWith(
  db: Kysely<Database>,
  columns: readonly Column[],
  id: string,
  person: string | undefined,
): Promise<string[]> {
  const text = indexedText(id);
  let query = db
    .selectFrom('audit_index')
    .select('record_id')
    // Literal, as the partial indices have it: SQLite takes one only where the words are the same.
    .where(sql<boolean>`phase <> 'outcome'`)
    .where('type', 'in', CALLS)
    .where((row) => row.or(columns.map((column) => row(column, '=', text))))
    .orderBy('ts')
    .orderBy('record_id')
    .limit(MAX_SESSION_CALLS + 1);
  if (person !== undefined) query = query.where('subject', '=', person);
  return (await query.execute()).map(({ record_id }) => record_id);
}
