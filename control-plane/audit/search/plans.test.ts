import { CompiledQuery, sql, type Compilable } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { auditQuerySchema, type AuditQuery } from '#shared/api/audit.js';
import { personId, sessionId, END } from '../../../test/bench/audit/generated-records.js';
import { storeRecords } from '../../../test/bench/audit/store-records.js';
import { onEachEngine } from '../../storage/testing/engines.js';
import { comparisonQuery } from '../reports/comparison-rows.js';
import { reachQuery } from '../reports/read-reach.js';
import { TemporaryAudit, type OpenAudit } from '../testing/open-audit.js';
import { entriesQuery } from './find-entries.js';

const SCOPE = { servers: [], claims: true, person: undefined, hashOf: (target: string) => target };
const RECORDS = 4_000;
const ALL_FROM_CALLS = /USING (COVERING )?INDEX audit_index_calls|Index Only Scan using audit_index_calls/;

onEachEngine((engine) => {
  let temporary: TemporaryAudit;
  let audit: OpenAudit;
  beforeAll(async () => {
    temporary = await TemporaryAudit.create(engine);
    audit = await temporary.open();
    await storeRecords(audit.storage, RECORDS, 0);
    if (engine === 'postgres') await sql`vacuum analyze audit_index`.execute(audit.storage.db);
  });
  afterAll(async () => {
    await audit.close();
    await temporary[Symbol.asyncDispose]();
  });

  /** What the database would do, in its own words. */
  async function planOf(query: Compilable): Promise<string> {
    const { sql: text, parameters } = query.compile();
    const explain = `explain ${engine === 'sqlite' ? 'query plan ' : ''}${text}`;
    const { rows } = await audit.storage.db.executeQuery<object>(CompiledQuery.raw(explain, [...parameters]));
    return rows.map((row) => Object.values(row).join(' ')).join('\n');
  }

  async function searchPlan(query: Partial<AuditQuery>): Promise<string> {
    return planOf((await entriesQuery(audit.storage.db, auditQuerySchema.parse(query), SCOPE)).query);
  }

  test.each([
    ['audit_index_subject', { user: personId(7) }],
    ['audit_index_server', { server: 'server7' }],
    ['audit_index_session', { session: sessionId(7, END) }],
    ['audit_index_trace', { trace: '4bf92f3577b34da6a3ce929d0e0e4736' }],
    ['audit_index_agent_session', { agentSession: 'conversation-1' }],
    ['audit_index_time', { since: '2026-11-22T00:00:00Z', until: '2026-11-22T01:00:00Z' }],
    ['audit_index_time', {}],
  ] as const)('the index %s answers a search by %j', async (index, query) => {
    expect(await searchPlan(query)).toContain(index);
  });

  test('calls without an outcome are found from two indices read side by side', async () => {
    const plan = await searchPlan({ outcome: 'unknown' });
    expect(plan).toMatch(/audit_index_intents/);
    expect(plan).toMatch(/audit_index_ref/);
    expect(plan).toMatch(/audit_index_failures/);
  });

  test('calls are counted from one index that holds all that reports need', async () => {
    for (const byApp of [true, false]) {
      const plan = await planOf(reachQuery(audit.storage.db, 'server7', [], byApp));
      expect(plan).toMatch(ALL_FROM_CALLS);
    }
    const sides = { left: ['okta/contractors'], right: ['okta/staff'] };
    expect(await planOf(comparisonQuery(audit.storage.db, 'server7', [], sides))).toMatch(ALL_FROM_CALLS);
  });
});
