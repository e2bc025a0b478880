import { afterEach, beforeEach, expect, test } from 'vitest';
import { auditQuerySchema, type AuditEntry, type AuditQuery } from '#shared/api/audit.js';
import type { RecordFacts, RecordPersonal } from '../record.js';
import { TemporaryAudit, type OpenAudit } from '../testing/open-audit.js';
import { intent, outcome } from '../testing/records.js';
import { onEachEngine } from '../../storage/testing/engines.js';

onEachEngine((engine) => {
  let temporary: TemporaryAudit;
  let audit: OpenAudit;
  beforeEach(async () => {
    temporary = await TemporaryAudit.create(engine);
    audit = await temporary.open();
    await audit.storage.db
      .insertInto('persons')
      .values([
        person('usr_alice', 'alice@acme.example', 'Alice Example'),
        person('usr_bob', 'Bob@acme.example', 'Émile Bob'),
      ])
      .execute();
  });
  afterEach(async () => {
    await audit.close();
    await temporary[Symbol.asyncDispose]();
  });

  async function search(query: Partial<AuditQuery>, payloads = true): Promise<AuditEntry[]> {
    return (await audit.service.search(auditQuerySchema.parse(query), { payloads })).entries;
  }

  async function targets(query: Partial<AuditQuery>, payloads = true): Promise<(string | null)[]> {
    return (await search(query, payloads)).map(({ target }) => target);
  }

  /** Writes an intent whose time is `at` (RFC 3339), as if it had happened then. */
  async function happened(at: string, facts: RecordFacts, personal: RecordPersonal = {}): Promise<void> {
    const { id } = await audit.service.write(intent(facts, personal));
    await audit.storage.db
      .updateTable('audit_index')
      .set({ ts: Date.parse(at) })
      .where('record_id', '=', id)
      .execute();
  }

  test('who used Claude to reach the financial reporting server last Tuesday?', async () => {
    const cursor = { claimedClient: { name: 'Cursor', version: '3' } };
    await happened('2026-11-16T22:59:59Z', { target: 'the-evening-before' });
    await happened('2026-11-16T23:00:00Z', { target: 'at-midnight' });
    await happened('2026-11-17T09:00:00Z', { target: 'another-app' }, cursor);
    await happened('2026-11-17T10:00:00Z', { target: 'another-server', server: 'crm' });
    await happened('2026-11-17T11:00:00Z', { target: 'by-bob', person: 'usr_bob' }, { email: 'bob@acme.example' });
    await happened('2026-11-17T23:00:00Z', { target: 'the-day-after' });
    const found = await search({
      client: 'claude',
      server: 'financial reporting',
      since: '2026-11-17T00:00:00+01:00',
      until: '2026-11-18T00:00:00+01:00',
    });
    expect(found.map(({ person: who, target }) => [who?.email, target])).toEqual([
      ['bob@acme.example', 'by-bob'],
      ['alice@acme.example', 'at-midnight'],
    ]);
  });

  test('a call is one entry: the intent with its outcome', async () => {
    const { id } = await audit.service.write(intent({ credential: 'finance-token' }));
    await audit.service.write(outcome(id));
    const [entry] = await search({});
    expect(entry).toEqual({
      id,
      actors: [],
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]{12}Z$/) as string,
      type: 'tool.call',
      person: { id: 'usr_alice', email: 'alice@acme.example', name: 'Alice Example' },
      affected: null,
      client: { id: 'mcp-bridge', claimedName: 'Claude Desktop', claimedVersion: '1.2.3' },
      server: 'finance',
      target: 'get_report',
      decision: 'allow',
      policies: ['finance-reads'],
      reason: 'Finance may read reports.',
      detail: null,
      credential: 'finance-token',
      address: '192.0.2.7',
      session: 'ses_1',
      outcome: 'ok',
      duration: 42,
      payload: 'shown',
    });
  });

  test('an allowed call without an outcome is unknown, a denied one has none', async () => {
    await audit.service.write(intent({ target: 'open' }));
    await audit.service.write(intent({ target: 'refused', decision: 'deny', policies: [] }));
    expect((await search({})).map(({ target, outcome: result }) => [target, result])).toEqual([
      ['refused', null],
      ['open', 'unknown'],
    ]);
  });

  test.each([
    [{ user: 'usr_bob' }, ['b']],
    [{ user: 'ALICE@acme.example' }, ['a']],
    [{ user: 'alice' }, ['a']],
    [{ user: 'alice example' }, ['a']],
    [{ user: 'émile BOB' }, ['b']],
    [{ user: 'ali' }, []],
    [{ user: 'acme.example' }, []],
    [{ client: 'claude' }, ['a']],
    [{ client: 'CLAUDE-AI' }, []],
    [{ client: 'mcp-bridge' }, ['b', 'a']],
    [{ client: '%' }, []],
    [{ client: '_' }, []],
    [{ server: 'FINANCE' }, ['a']],
    [{ server: 'Financial reporting' }, ['a']],
    [{ server: 'financial' }, []],
    [{ tool: 'a' }, ['a']],
    [{ tool: 'A' }, []],
    [{ decision: 'deny' }, ['b']],
    [{ type: 'tool.call', user: 'bob' }, ['b']],
    [{ type: 'list' }, []],
  ] as const)('filter %j', async (query, expected) => {
    await audit.service.write(intent({ target: 'a' }));
    await audit.service.write(
      intent(
        { target: 'b', person: 'usr_bob', server: 'crm', decision: 'deny' },
        { claimedClient: { name: 'VS Code', version: '1' } },
      ),
    );
    expect(await targets(query)).toEqual(expected);
  });

  test.each(['user', 'client', 'server', 'tool', 'type', 'id'] as const)(
    'SQL in `%s` is text, nothing more',
    async (key) => {
      await audit.service.write(intent());
      for (const attack of [
        `' or 1=1 --`,
        `'; drop table audit_index; --`,
        `%' or '%'='`,
        '\\',
        `" or ""="`,
        'a\u0000b',
        '\ud800',
        'x'.repeat(100_000),
      ]) {
        expect(await targets({ [key]: attack })).toEqual([]);
      }
      expect(await targets({})).toEqual(['get_report']);
    },
  );

  test('a record is found by its own id and by that of its outcome', async () => {
    const { id } = await audit.service.write(intent({ target: 'a' }));
    await audit.service.write(intent({ target: 'b' }));
    const result = await audit.service.write(outcome(id));
    expect(await targets({ id })).toEqual(['a']);
    expect(await targets({ id: result.id })).toEqual(['a']);
  });

  test('pages meet without gap or repetition, also while records are being written', async () => {
    for (const target of ['1', '2', '3', '4', '5']) await audit.service.write(intent({ target }));
    const seen: (string | null)[] = [];
    let cursor: string | undefined;
    do {
      const page = await audit.service.search(auditQuerySchema.parse({ limit: 2, cursor }));
      seen.push(...page.entries.map(({ target }) => target));
      cursor = page.nextCursor ?? undefined;
      await audit.service.write(intent({ target: 'later' }));
    } while (cursor !== undefined);
    expect(seen).toEqual(['5', '4', '3', '2', '1']);
  });

  test.each(['', 'x', Buffer.from(`1.' or 1=1`).toString('base64url')])(
    'the cursor %j is refused by name',
    async (cursor) => {
      const found = audit.service.search({ limit: 1, cursor });
      await expect(found).rejects.toMatchObject({
        code: 'params_invalid',
        message: expect.stringContaining('`cursor`'),
      });
    },
  );

  test('without the right to payloads nothing personal but the person is shown', async () => {
    await audit.service.write(intent());
    const [entry] = await search({}, false);
    expect(entry).toMatchObject({
      person: { id: 'usr_alice', email: 'alice@acme.example', name: 'Alice Example' },
      client: { id: 'mcp-bridge', claimedName: null, claimedVersion: null },
      reason: null,
      address: null,
      payload: 'withheld',
    });
  });

  test('without the right to payloads a search can not ask what the app claimed to be', async () => {
    await audit.service.write(intent());
    expect(await targets({ client: 'claude' }, false)).toEqual([]);
    expect(await targets({ client: 'desktop\n' }, false)).toEqual([]);
    expect(await targets({ client: 'bridge' }, false)).toEqual(['get_report']);
  });

  test('an erased person is not named from elsewhere', async () => {
    await audit.service.write(intent());
    await audit.service.erase(['usr_alice']);
    for (const payloads of [true, false]) {
      const [entry] = await search({}, payloads);
      expect(entry).toMatchObject({ person: { id: 'usr_alice', email: null, name: null }, payload: 'erased' });
    }
  });
});

function person(id: string, email: string, name: string) {
  return { id, provider: 'okta', issuer: 'https://acme.okta.example', subject: id, email, name, created_at: 0 };
}
