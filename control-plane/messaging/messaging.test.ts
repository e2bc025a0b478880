import { Webhook } from 'standardwebhooks';
import { expect, test, vi } from 'vitest';
import { onEachEngine } from '../storage/testing/engines.js';
import { openTestStorage } from '../storage/testing/open-storage.js';
import type { Announcement } from './announcement.js';
import { TestMessaging, WEBHOOK_SECRET } from './testing/messaging.js';
import { Receiver } from './testing/receiver.js';

vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 });
const eventually = { timeout: 20_000, interval: 10 };

const ASKED: Announcement = {
  kind: 'approval.requested',
  at: Date.UTC(2026, 10, 23, 15, 30),
  sentence: 'Alice asks for approval to use crm__delete_customer.',
  person: { id: 'usr_1', shown: 'alice@acme.test' },
  server: 'crm',
  tool: 'delete_customer',
  path: '/approvals',
  subject: 'apr_1',
  record: '0199aaaa-0000-7000-8000-000000000000',
};

function hooks(...receivers: readonly Receiver[]) {
  const secret = 'env:HOOK_SECRET';
  return { webhooks: Object.fromEntries(receivers.map(({ url }, index) => [`hook${index}`, { url, secret }])) };
}

onEachEngine((engine) => {
  test('an announcement arrives signed, as Standard Webhooks verifies it, and then waits no more', async () => {
    await using receiver = await Receiver.start();
    await using database = await openTestStorage(engine);
    const { service, stopped, metrics } = bound(new TestMessaging(database.storage, hooks(receiver)));
    service.announce(ASKED);
    await vi.waitFor(() => expect(receiver.received).toHaveLength(1), eventually);
    const { method, path, headers, body } = receiver.received[0]!;
    expect([method, path, headers['content-type']]).toEqual(['POST', '/hook', 'application/json']);
    const asTexts = headers as Record<string, string>;
    expect(new Webhook(WEBHOOK_SECRET).verify(body, asTexts)).toEqual({
      type: 'approval.requested',
      timestamp: '2026-11-23T15:30:00.000Z',
      data: {
        sentence: 'Alice asks for approval to use crm__delete_customer.',
        person: { id: 'usr_1', shown: 'alice@acme.test' },
        server: 'crm',
        tool: 'delete_customer',
        link: 'https://mcp.acme.test/approvals',
        subject: 'apr_1',
        record: '0199aaaa-0000-7000-8000-000000000000',
      },
    });
    expect(() => new Webhook(WEBHOOK_SECRET).verify(body.replace('Alice', 'Mallory'), asTexts)).toThrow(/signature/);
    const rows = () => database.database.query('select id from message_deliveries');
    await vi.waitFor(async () => expect(await rows()).toEqual([]), eventually);
    await stopped();
    expect((await metrics.exposition()).text).toContain(
      'mcp_sso_messages_total{channel="webhook:hook0",outcome="delivered"} 1',
    );
  });

  test('what failed is sent again under the same id, also by a later process, and nothing of it can be read meanwhile', async () => {
    await using receiver = await Receiver.start();
    await using database = await openTestStorage(engine);
    receiver.statuses.push(302, 500);
    const first = bound(new TestMessaging(database.storage, hooks(receiver)));
    first.service.announce(ASKED);
    await vi.waitFor(() => expect(receiver.received).toHaveLength(1), eventually);
    const waiting = () =>
      database.database.query<{ sealed: Buffer; attempts: number }>('select sealed, attempts from message_deliveries');
    await vi.waitFor(async () => expect(await waiting()).toMatchObject([{ attempts: 1 }]), eventually);
    expect(Buffer.from((await waiting())[0]!.sealed).toString('latin1')).not.toContain('alice');
    expect((await first.stopped()).events).toEqual(['message.failed']);
    for (const failures of [2, 3]) {
      await database.database.run('update message_deliveries set next_at = 0');
      const later = bound(new TestMessaging(await database.another(), hooks(receiver)));
      later.service.onApplicationBootstrap();
      await vi.waitFor(() => expect(receiver.received).toHaveLength(failures), eventually);
      await later.stopped();
    }
    const ids = receiver.received.map(({ headers }) => headers['webhook-id']);
    expect(new Set(ids).size).toBe(1);
    expect(receiver.received.map(({ path }) => path)).toEqual(['/hook', '/hook', '/hook']);
  });

  test('of several control planes one sends each message, and one channel that fails keeps no other waiting', async () => {
    await using good = await Receiver.start();
    await using bad = await Receiver.start();
    bad.answer = (response) => response.destroy();
    await using database = await openTestStorage(engine);
    const settings = hooks(bad, good);
    const each = [database.storage, await database.another(), await database.another()].map((storage) =>
      bound(new TestMessaging(storage, settings)),
    );
    for (let index = 0; index < 20; index += 1) each[0]!.service.announce({ ...ASKED, subject: `apr_${index}` });
    await each[0]!.service.settled();
    for (const { service } of each) service.onApplicationBootstrap();
    await vi.waitFor(() => expect(good.received).toHaveLength(20), eventually);
    const subjects = good.received.map(({ body }) => (JSON.parse(body) as { data: { subject: string } }).data.subject);
    expect(new Set(subjects).size).toBe(20);
    await Promise.all(each.map(({ stopped }) => stopped()));
    expect(good.received).toHaveLength(20);
    const left = await database.database.query<{ channel: string }>('select distinct channel from message_deliveries');
    expect(left).toEqual([{ channel: 'webhook:hook0' }]);
  });

  test('who announces is never kept waiting and never fails; what cannot be queued is in the log', async () => {
    await using receiver = await Receiver.start();
    await using database = await openTestStorage(engine);
    const { service, stopped } = bound(new TestMessaging(database.storage, hooks(receiver)));
    await database.database.breakWrites('insert', 'message_deliveries');
    service.announce(ASKED);
    await service.settled();
    const { events, log } = await stopped();
    expect(events).toEqual(['announcement.lost']);
    expect(log).toContain('"about":"approval.requested"');
    expect(log).not.toContain('alice');
    expect(receiver.received).toEqual([]);
  });

  test('a flood of requests leaves room for alarms', async () => {
    await using receiver = await Receiver.start();
    receiver.answer = (response) => response.writeHead(503).end();
    await using database = await openTestStorage(engine);
    const { service, stopped } = bound(new TestMessaging(database.storage, hooks(receiver)));
    const numbers =
      engine === 'sqlite'
        ? 'with recursive n(i) as (select 1 union all select i + 1 from n where i < 5000)'
        : 'with n(i) as (select generate_series(1, 5000))';
    await database.database.run(
      `insert into message_deliveries (id, channel, event, sealed, attempts, next_at, created_at)
       ${numbers} select 'flood-' || i, 'webhook:hook0', 'grant.requested', 'x', 0, 9000000000000, 9000000000000 from n`,
    );
    service.announce({ ...ASKED, kind: 'grant.requested' });
    service.announce({ ...ASKED, kind: 'identity.break-glass' });
    await vi.waitFor(() => expect(receiver.received).toHaveLength(1), eventually);
    expect(receiver.received[0]?.body).toContain('identity.break-glass');
    expect((await stopped()).events).toContain('announcement.lost');
  });
});

function bound(messaging: TestMessaging) {
  return { service: messaging.service, metrics: messaging.metrics, stopped: () => messaging.stopped() };
}
