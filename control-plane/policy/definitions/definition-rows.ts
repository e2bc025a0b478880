import type { Kysely } from 'kysely';
import type { Database } from '../../storage/schema.js';
import { takeLock } from '../../storage/write-transaction.js';
import { BOUNDS, planObservation, type NewDefinition, type Observation } from './plan-observation.js';
import type { Definition } from './definition.js';
import type { ReviewRules, SeenTool, StoredState } from './review-state.js';

/** One stored definition. Times are epoch milliseconds. */
export interface DefinitionRow {
  readonly server: string;
  readonly tool: string;
  readonly sha256: string;
  /** JSON, as the server wrote it. */
  readonly text: string;
  readonly state: StoredState;
  readonly firstSeenAt: number;
  readonly lastSeenAt: number;
  readonly decidedAt: number | null;
  /** A person's id, `first-use` or `lock`. */
  readonly decidedBy: string | null;
}

export interface Decision {
  readonly server: string;
  readonly tool: string;
  readonly sha256: string;
  /** What it was when it was shown to whoever decides. */
  readonly from: StoredState;
  readonly to: 'accepted' | 'rejected';
  readonly decidedBy: string;
}

/** Parameters of one statement are bounded on both engines. */
const ROWS_AT_ONCE = 500;

/** What is known of the tools of every server, or of one. */
export async function loadSeen(db: Kysely<Database>, server?: string): Promise<Map<string, Map<string, SeenTool>>> {
  const rows = await db
    .selectFrom('tool_definitions')
    .select(['server', 'tool', 'sha256', 'state'])
    .$if(server !== undefined, (query) => query.where('server', '=', server!))
    .orderBy('last_seen_at')
    .execute();
  const servers = new Map<string, Map<string, SeenTool>>();
  for (const { server: of, tool, sha256, state } of rows) {
    const tools = servers.get(of) ?? new Map<string, SeenTool>();
    const states = new Map(tools.get(tool)?.states).set(sha256, state as StoredState);
    servers.set(of, tools.set(tool, { states, last: sha256 }));
  }
  return servers;
}

/** The accepted definitions of every server, or of one; of each tool the one seen last comes last. */
export async function loadAccepted(
  db: Kysely<Database>,
  server?: string,
): Promise<Pick<DefinitionRow, 'server' | 'tool' | 'sha256' | 'text'>[]> {
  return db
    .selectFrom('tool_definitions')
    .select(['server', 'tool', 'sha256', 'definition as text'])
    .where('state', '=', 'accepted')
    .$if(server !== undefined, (query) => query.where('server', '=', server!))
    .orderBy('last_seen_at')
    .execute();
}

/**
 * Stores what is new in a list of a server, in a transaction whose first statement takes the lock, so that only one list is ever
 * the first. Resolves to what was new.
 */
export async function storeObservation(
  transaction: Kysely<Database>,
  server: string,
  shown: readonly Definition[],
  rules: ReviewRules,
): Promise<Observation> {
  await takeLock(transaction, 'tool-definitions');
  // Writes nothing, and takes the one write lock of SQLite.
  await transaction.updateTable('tool_definitions').set({ state: 'pending' }).where('server', '=', '').execute();
  const known = (await loadSeen(transaction, server)).get(server) ?? new Map<string, SeenTool>();
  const plan = planObservation(shown, known, rules);
  const now = await nextMoment(transaction, server);
  await insert(transaction, server, plan.added, now);
  for (const { tool, sha256 } of plan.locked) {
    await update(transaction, { server, tool, sha256 }, { state: 'accepted', decided_at: now, decided_by: 'lock' });
  }
  for (const { tool, sha256 } of plan.again) {
    await update(transaction, { server, tool, sha256 }, { last_seen_at: now });
  }
  return plan;
}

/** False where the definition is not, or no longer, in the state that was shown. */
export async function storeDecision(db: Kysely<Database>, decision: Decision): Promise<boolean> {
  const { server, tool, sha256, from, to, decidedBy } = decision;
  const { numUpdatedRows } = await db
    .updateTable('tool_definitions')
    .set({ state: to, decided_at: Date.now(), decided_by: decidedBy })
    .where('server', '=', server)
    .where('tool', '=', tool)
    .where('sha256', '=', sha256)
    .where('state', '=', from)
    .executeTakeFirst();
  if (numUpdatedRows === 0n) return false;
  if (to === 'rejected') await forgetRejected(db, server, tool);
  return true;
}

export interface RowFilter {
  readonly state?: StoredState;
  readonly server?: string;
  readonly tool?: string;
  readonly limit: number;
}

/** Newest first. */
export async function findDefinitions(db: Kysely<Database>, filter: RowFilter): Promise<DefinitionRow[]> {
  const { state, server, tool, limit } = filter;
  const rows = await db
    .selectFrom('tool_definitions')
    .selectAll()
    .$if(state !== undefined, (query) => query.where('state', '=', state!))
    .$if(server !== undefined, (query) => query.where('server', '=', server!))
    .$if(tool !== undefined, (query) => query.where('tool', '=', tool!))
    .orderBy('last_seen_at', 'desc')
    .orderBy('server')
    .orderBy('tool')
    .orderBy('sha256')
    .limit(limit)
    .execute();
  return rows.map((row) => ({
    server: row.server,
    tool: row.tool,
    sha256: row.sha256,
    text: row.definition,
    state: row.state as StoredState,
    firstSeenAt: row.first_seen_at,
    lastSeenAt: row.last_seen_at,
    decidedAt: row.decided_at,
    decidedBy: row.decided_by,
  }));
}

/** Later than every row of the server, so that there is never a doubt which was seen last. */
async function nextMoment(db: Kysely<Database>, server: string): Promise<number> {
  const { newest } = await db
    .selectFrom('tool_definitions')
    .select(({ fn }) => fn.max('last_seen_at').as('newest'))
    .where('server', '=', server)
    .executeTakeFirstOrThrow();
  return Math.max(Date.now(), (newest ?? 0) + 1);
}

async function insert(
  db: Kysely<Database>,
  server: string,
  added: readonly NewDefinition[],
  now: number,
): Promise<void> {
  const rows = added.map(({ definition: { tool, sha256, text: definition }, state, decidedBy }) => ({
    server,
    tool,
    sha256,
    definition,
    state,
    first_seen_at: now,
    last_seen_at: now,
    decided_at: decidedBy === null ? null : now,
    decided_by: decidedBy,
  }));
  for (let from = 0; from < rows.length; from += ROWS_AT_ONCE) {
    await db
      .insertInto('tool_definitions')
      .values(rows.slice(from, from + ROWS_AT_ONCE))
      .execute();
  }
}

interface RowKey {
  readonly server: string;
  readonly tool: string;
  readonly sha256: string;
}

async function update(
  db: Kysely<Database>,
  { server, tool, sha256 }: RowKey,
  values: { state?: StoredState; decided_at?: number; decided_by?: string; last_seen_at?: number },
): Promise<void> {
  await db
    .updateTable('tool_definitions')
    .set(values)
    .where('server', '=', server)
    .where('tool', '=', tool)
    .where('sha256', '=', sha256)
    .execute();
}

/** One that comes back after that waits again. */
async function forgetRejected(db: Kysely<Database>, server: string, tool: string): Promise<void> {
  const rejected = await findDefinitions(db, { server, tool, state: 'rejected', limit: 10 * BOUNDS.rejected });
  const old = rejected.slice(BOUNDS.rejected).map(({ sha256 }) => sha256);
  if (old.length === 0) return;
  await db
    .deleteFrom('tool_definitions')
    .where('server', '=', server)
    .where('tool', '=', tool)
    .where('sha256', 'in', old)
    .execute();
}
