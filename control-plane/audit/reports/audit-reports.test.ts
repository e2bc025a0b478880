import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  accessReviewQuerySchema,
  callReportQuerySchema,
  comparisonQuerySchema,
  denialsQuerySchema,
} from '#shared/api/audit-reports.js';
import { ActiveCatalog } from '../../catalog/active-catalog.js';
import { onEachEngine } from '../../storage/testing/engines.js';
import type { RecordFacts, RecordPersonal } from '../record.js';
import { TemporaryAudit, type OpenAudit } from '../testing/open-audit.js';
import { intent, outcome } from '../testing/records.js';
import { AuditReports } from './audit-reports.service.js';

const SALES = ['okta/sales', 'okta/staff'];
const ENGINEERING = ['okta/engineering', 'okta/staff'];
const CONTRACTORS = ['okta/contractors'];
const DAY = 86_400_000;
const SEEN = { claims: true };
const effectOf = (_server: string, tool: string) => (tool === 'get_report' ? 'read' : 'destroy');

onEachEngine((engine) => {
  let temporary: TemporaryAudit;
  let audit: OpenAudit;
  let reports: AuditReports;
  beforeEach(async () => {
    temporary = await TemporaryAudit.create(engine);
    audit = await temporary.open();
    reports = new AuditReports(audit.storage, ActiveCatalog.of(temporary.config));
    const people = ['usr_alice', 'usr_bob', 'usr_carol'].map((id) => ({
      id,
      provider: 'okta',
      issuer: 'https://acme.okta.example',
      subject: id,
      email: `${id.slice(4)}@acme.example`,
      name: null,
      created_at: 0,
    }));
    await audit.storage.db.insertInto('persons').values(people).execute();
  });
  afterEach(async () => {
    await audit.close();
    await temporary[Symbol.asyncDispose]();
  });

  /** A call at a time (RFC 3339), with its outcome where it was let through. */
  async function call(at: string, facts: RecordFacts, personal: RecordPersonal): Promise<string> {
    const { id } = await audit.service.write(intent(facts, personal));
    if (facts.decision !== 'deny') await audit.service.write(outcome(id));
    const ts = Date.parse(at);
    await audit.storage.db.updateTable('audit_index').set({ ts }).where('record_id', '=', id).execute();
    return id;
  }

  /** Alice of engineering, bob of sales and carol, a contractor, on three days of November. */
  async function november(): Promise<{ readonly denied: readonly [string, string] }> {
    const claude = { claimedClient: { name: 'Claude Desktop', version: '1' } };
    const cursor = { claimedClient: { name: 'Cursor', version: '3' } };
    await call('2026-11-17T09:00:00Z', {}, { ...claude, groups: ENGINEERING });
    await call('2026-11-18T09:00:00Z', { target: 'pay' }, { ...claude, groups: ENGINEERING });
    await call('2026-11-18T10:00:00Z', { target: 'pay' }, { ...cursor, groups: ENGINEERING });
    await call('2026-11-18T11:00:00Z', { person: 'usr_bob' }, { ...claude, groups: SALES });
    await call('2026-11-18T12:00:00Z', { person: 'usr_bob', server: 'crm' }, { ...cursor, groups: SALES });
    const carol = { person: 'usr_carol', decision: 'deny', policies: ['no-contractors'] } as const;
    const first = await call('2026-11-19T08:00:00Z', carol, { ...claude, groups: CONTRACTORS });
    const last = await call('2026-11-19T09:00:00Z', carol, { ...claude, groups: CONTRACTORS });
    await call('2026-11-19T10:00:00Z', { ...carol, server: 'crm', policies: [] }, { groups: CONTRACTORS });
    return { denied: [first, last] };
  }

  test('which employees connect to which servers, through which apps', async () => {
    await november();
    const { rows, nextCursor } = await reports.access(callReportQuerySchema.parse({}), SEEN);
    expect(nextCursor).toBeNull();
    expect(rows.map((row) => [row.server, row.person?.email, row.client.claimedName, row.calls, row.denied])).toEqual([
      ['crm', 'bob@acme.example', 'cursor', 1, 0],
      ['crm', 'carol@acme.example', 'claude desktop', 1, 1],
      ['finance', 'alice@acme.example', 'claude desktop', 2, 0],
      ['finance', 'alice@acme.example', 'cursor', 1, 0],
      ['finance', 'bob@acme.example', 'claude desktop', 1, 0],
      ['finance', 'carol@acme.example', 'claude desktop', 2, 2],
    ]);
    expect(rows[2]).toMatchObject({ tools: 2, first: '2026-11-17T09:00:00.000Z', last: '2026-11-18T09:00:00.000Z' });
  });

  test('who used Claude to reach financial reporting last Tuesday?', async () => {
    await november();
    const asked = { client: 'claude', server: 'financial reporting', since: '2026-11-17T00:00:00+01:00' };
    const query = callReportQuerySchema.parse({ ...asked, until: '2026-11-18T00:00:00+01:00' });
    const { rows } = await reports.access(query, SEEN);
    expect(rows.map(({ person, calls }) => [person?.email, calls])).toEqual([['alice@acme.example', 1]]);
  });

  test('without the auditor role, apps are neither told apart by their claims nor found by them', async () => {
    await november();
    const hidden = await reports.access(callReportQuerySchema.parse({ server: 'finance' }), { claims: false });
    expect(hidden.rows.map(({ person, client, calls }) => [person?.email, client, calls])).toEqual([
      ['alice@acme.example', { id: 'mcp-bridge', claimedName: null }, 3],
      ['bob@acme.example', { id: 'mcp-bridge', claimedName: null }, 1],
      ['carol@acme.example', { id: 'mcp-bridge', claimedName: null }, 2],
    ]);
    const asked = callReportQuerySchema.parse({ client: 'claude' });
    expect((await reports.access(asked, { claims: false })).rows).toEqual([]);
  });

  test('pages meet without gap or repetition, across servers; a foreign cursor is refused by name', async () => {
    await november();
    const seen: (string | undefined)[] = [];
    let cursor: string | undefined;
    do {
      const page = await reports.access(callReportQuerySchema.parse({ limit: 2, cursor }), SEEN);
      seen.push(...page.rows.map((row) => `${row.server} ${row.person?.id} ${row.client.claimedName}`));
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
    expect([seen.length, new Set(seen).size]).toEqual([6, 6]);
    for (const foreign of ['zzz', '', Buffer.from('["finance"]').toString('base64url')]) {
      const refused = reports.access(callReportQuerySchema.parse({ cursor: foreign }), SEEN);
      await expect(refused).rejects.toMatchObject({ code: 'params_invalid' });
    }
    const { nextCursor } = await reports.access(callReportQuerySchema.parse({ server: 'crm', limit: 1 }), SEEN);
    const other = callReportQuerySchema.parse({ server: 'finance', cursor: nextCursor });
    await expect(reports.access(other, SEEN)).rejects.toMatchObject({ code: 'params_invalid' });
  });

  test('is sales reaching engineering’s tools? By groups as of the call, named alone or with their provider', async () => {
    await november();
    for (const group of ['sales', 'okta/Sales']) {
      const { rows } = await reports.exposure(callReportQuerySchema.parse({ group }), SEEN, effectOf);
      expect(rows.map((row) => [row.group, row.server, row.target, row.effect, row.calls, row.persons])).toEqual([
        ['okta/sales', 'crm', 'get_report', 'read', 1, 1],
        ['okta/sales', 'finance', 'get_report', 'read', 1, 1],
      ]);
    }
    expect((await reports.exposure(callReportQuerySchema.parse({ group: 'nobody' }), SEEN, effectOf)).rows).toEqual([]);
  });

  test('do contractors reach what staff reach? A denied call reaches nothing', async () => {
    await november();
    await call('2026-11-19T11:00:00Z', { person: 'usr_carol', target: 'pay' }, { groups: CONTRACTORS });
    const query = comparisonQuerySchema.parse({ left: 'contractors', right: 'staff' });
    const { rows } = await reports.comparison(query, effectOf);
    expect(rows.map(({ reachedBy, server, target, left, right }) => [reachedBy, server, target, left, right])).toEqual([
      ['right', 'crm', 'get_report', { calls: 0, persons: 0 }, { calls: 1, persons: 1 }],
      ['right', 'finance', 'get_report', { calls: 0, persons: 0 }, { calls: 2, persons: 2 }],
      ['both', 'finance', 'pay', { calls: 1, persons: 1 }, { calls: 2, persons: 1 }],
    ]);
  });

  test('denials are counted by policy, person and tool, with references to look at', async () => {
    const { denied } = await november();
    const { rows, more } = await reports.denials(denialsQuerySchema.parse({}), SEEN);
    expect(more).toBe(false);
    expect(rows.map((row) => [row.policies, row.person?.email, row.server, row.count])).toEqual([
      [['no-contractors'], 'carol@acme.example', 'finance', 2],
      [[], 'carol@acme.example', 'crm', 1],
    ]);
    expect(rows[0]).toMatchObject({ samples: denied, target: 'get_report', last: '2026-11-19T09:00:00.000Z' });
    const at = await reports.denials(denialsQuerySchema.parse({ server: 'CRM', limit: '1' }), SEEN);
    expect(at.rows.map(({ server }) => server)).toEqual(['crm']);
  });

  test('what nobody used is named: grants, connections and policies', async () => {
    const now = Date.parse('2026-11-20T00:00:00Z');
    await november();
    const grant = { kind: 'grant', person_id: 'usr_bob', server: 'crm', tool: null, sealed: Buffer.alloc(1) };
    const given = { ...grant, created_by: 'usr_alice', created_at: now - DAY, expires_at: now - 1 };
    await audit.storage.db
      .insertInto('grants')
      .values([
        { ...given, id: 'gra_used' },
        { ...given, id: 'gra_idle' },
      ])
      .execute();
    const { id } = await audit.service.write(intent({ grant: 'gra_used' }));
    await audit.service.write({ ...intent({ grant: 'gra_idle', policies: [] }), type: 'grant.give', phase: 'event' });
    await audit.storage.db.updateTable('audit_index').set({ ts: now }).where('record_id', '=', id).execute();
    const { rows } = await reports.unused(now - 30 * DAY, now, ['finance-reads', 'never-used']);
    expect(rows.map((row) => [row.kind, row.id, row.person?.email])).toEqual([
      ['grant', 'gra_idle', 'bob@acme.example'],
      ['policy', 'never-used', undefined],
    ]);
    const later = await reports.unused(now + 10 * DAY, now + 40 * DAY, ['finance-reads']);
    expect(later.rows).toMatchObject([{ kind: 'policy', id: 'finance-reads', lastUsed: '2026-11-20T00:00:00.000Z' }]);
  });

  test('an access review is one server’s people, with what they used last and what they hold', async () => {
    await november();
    const now = Date.parse('2026-11-20T00:00:00Z');
    const grant = { id: 'gra_1', kind: 'grant', person_id: 'usr_dora', server: 'finance', tool: null };
    const times = { created_by: 'usr_alice', created_at: now - DAY, expires_at: now + DAY };
    await audit.storage.db
      .insertInto('grants')
      .values({ ...grant, ...times, sealed: Buffer.alloc(1) })
      .execute();
    const { rows } = await reports.review(accessReviewQuerySchema.parse({ server: 'finance' }), now);
    expect(rows.map((row) => [row.person?.id, row.groups, row.tools, row.lastUsed, row.grants])).toEqual([
      ['usr_alice', ENGINEERING, ['get_report', 'pay'], '2026-11-18T10:00:00.000Z', []],
      ['usr_bob', SALES, ['get_report'], '2026-11-18T11:00:00.000Z', []],
      ['usr_carol', CONTRACTORS, [], null, []],
      ['usr_dora', null, [], null, ['gra_1']],
    ]);
  });

  test('whoever was erased is not named', async () => {
    await november();
    const named: boolean[] = [];
    for (const isErased of [false, true]) {
      if (isErased) await audit.service.erase(['usr_bob']);
      for (const query of [{ user: 'usr_bob' }, {}]) {
        const { rows } = await reports.access(callReportQuerySchema.parse({ server: 'crm', ...query }), SEEN);
        named.push(rows.some(({ person }) => person?.id === 'usr_bob'));
      }
    }
    expect(named).toEqual([true, true, false, false]);
  });
});
