import { afterEach, beforeEach, expect, test } from 'vitest';
import { auditQuerySchema, type AuditPage, type AuditQuery } from '#shared/api/audit.js';
import { onEachEngine } from '../../storage/testing/engines.js';
import { TemporaryAudit, type OpenAudit } from '../testing/open-audit.js';
import { intent, outcome } from '../testing/records.js';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';

onEachEngine((engine) => {
  let temporary: TemporaryAudit;
  let audit: OpenAudit;
  beforeEach(async () => {
    temporary = await TemporaryAudit.create(engine);
    audit = await temporary.open();
  });
  afterEach(async () => {
    await audit.close();
    await temporary[Symbol.asyncDispose]();
  });

  function page(query: Partial<AuditQuery>, payloads = true): Promise<AuditPage> {
    return audit.service.search(auditQuerySchema.parse(query), { payloads });
  }

  async function targets(query: Partial<AuditQuery>, payloads = true): Promise<(string | null)[]> {
    return (await page(query, payloads)).entries.map(({ target }) => target);
  }

  test('by group as of the call, policy, session, trace, the app’s conversation and outcome', async () => {
    const sales = { groups: ['okta/sales', 'okta/staff'], agent: { session: 'conversation-1' } };
    const a = await audit.service.write(intent({ target: 'a', policies: ['p1', 'p2'], trace: TRACE }, sales));
    await audit.service.write(outcome(a.id));
    const b = await audit.service.write(intent({ target: 'b', session: 'ses_2' }, { groups: ['okta/staff'] }));
    await audit.service.write(outcome(b.id, { outcome: 'tool_error' }));
    await audit.service.write(intent({ target: 'c', policies: [] }, { groups: [] }));
    const asked = [
      { group: 'okta/sales' },
      { group: 'STAFF' },
      { group: 'okta/legal' },
      { group: 'sal' },
      { policy: 'p2' },
      { policy: 'p' },
      { session: 'ses_2' },
      { trace: TRACE },
      { agentSession: 'conversation-1' },
      { outcome: 'ok' },
      { outcome: 'tool_error' },
      { outcome: 'unknown' },
      { group: 'staff', outcome: 'ok' },
    ] as const;
    const found = await Promise.all(asked.map((query) => targets(query)));
    expect(found).toEqual([['a'], ['b', 'a'], [], [], ['a'], [], ['b'], ['a'], ['a'], ['a'], ['b'], ['c'], ['a']]);
  });

  test('SQL in a filter is text, and a long one is found by the whole of it', async () => {
    const long = 'x'.repeat(900);
    await audit.service.write(intent({ target: long, policies: [long] }, { groups: [`okta/${long}`] }));
    await audit.service.write(intent({ target: `${long}y` }));
    for (const attack of [`' or 1=1 --`, `%`, 'a\u0000b', '\ud800', 'x'.repeat(100_000)]) {
      for (const name of ['group', 'policy', 'session', 'trace', 'agentSession', 'tool'] as const) {
        expect(await targets({ [name]: attack })).toEqual([]);
      }
    }
    expect([await targets({ tool: long }), await targets({ policy: long })].map(({ length }) => length)).toEqual([
      1, 1,
    ]);
  });

  test('a text is found in captured arguments and results, and pages say how far they looked', async () => {
    const call = await audit.service.write(intent({ target: 'a' }, { arguments: '{"q":"Needle"}' }));
    const other = await audit.service.write(intent({ target: 'b' }));
    await audit.service.write({ ...outcome(other.id), personal: { result: 'a needle too' } });
    await audit.service.write(outcome(call.id));
    await audit.service.write(intent({ target: 'c', server: 'crm' }, { reason: 'needle', arguments: 'hay' }));
    expect(await targets({ text: 'needle' })).toEqual(['b', 'a']);
    expect(await targets({ text: 'needle', server: 'crm' })).toEqual([]);
    const first = await page({ text: 'NEEDLE', limit: 1 });
    expect([first.entries[0]?.target, first.looked?.records]).toEqual(['b', 2]);
    const second = await page({ text: 'NEEDLE', cursor: first.nextCursor! });
    expect([second.entries[0]?.target, second.looked, second.nextCursor]).toEqual([
      'a',
      { records: 1, backTo: null },
      null,
    ]);
  });

  test('without the right to payloads, nobody asks for what was captured or claimed', async () => {
    await audit.service.write(intent({}, { arguments: 'needle', agent: { session: 'conversation-1' } }));
    for (const query of [{ text: 'needle' }, { agentSession: 'conversation-1' }]) {
      await expect(page(query, false)).rejects.toMatchObject({ code: 'role_missing' });
    }
  });

  test('what was erased is not searched', async () => {
    await audit.service.write(intent({}, { arguments: 'needle' }));
    await audit.service.erase(['usr_alice']);
    expect(await targets({ text: 'needle' })).toEqual([]);
  });
});
