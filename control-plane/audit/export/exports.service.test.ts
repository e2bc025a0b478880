import { PassThrough } from 'node:stream';
import type { Kysely } from 'kysely';
import { expect, test, vi } from 'vitest';
import { settingsSchema } from '../../config/settings.js';
import { Receiver } from '../../messaging/testing/receiver.js';
import { TestMessaging, WEBHOOK_SECRET } from '../../messaging/testing/messaging.js';
import { Logger } from '../../observability/logger.js';
import { Metrics } from '../../observability/metrics.js';
import type { Database } from '../../storage/schema.js';
import { onEachEngine } from '../../storage/testing/engines.js';
import { SwitchedLeadership } from '../../storage/testing/switched-leadership.js';
import { TemporaryAudit, type OpenAudit } from '../testing/open-audit.js';
import { intent } from '../testing/records.js';
import { advance, exportPosition, markFailing } from './export-positions.js';
import { ExportsService } from './exports.service.js';

const NOON = Date.UTC(2027, 0, 15, 12);
const HOOK = { url: 'http://127.0.0.1:1/hook', secret: 'env:HOOK_SECRET' };

const eventually = { timeout: 20_000, interval: 20 };

interface Running {
  readonly service: ExportsService;
  readonly messaging: TestMessaging;
  readonly metrics: Metrics;
  readonly leadership: SwitchedLeadership;
}

/** The service of one control plane that exports to `url`; nothing but the test starts it. */
function exportsTo(url: string, temporary: TemporaryAudit, { storage }: OpenAudit): Running {
  const sink = { kind: 'webhook', url, secret: 'env:HOOK_SECRET' };
  const settings = settingsSchema.parse({ ...temporary.config.settings, audit: { export: { siem: sink } } });
  const config = { ...temporary.config, settings, environment: { HOOK_SECRET: WEBHOOK_SECRET } };
  const messaging = new TestMessaging(storage, { webhooks: { ops: HOOK } });
  const metrics = new Metrics();
  const leadership = new SwitchedLeadership();
  const logger = new Logger('error', new PassThrough().resume());
  const service = new ExportsService(config, storage, leadership, messaging.service, logger, metrics);
  return { service, messaging, metrics, leadership };
}

async function headerOf(db: Kysely<Database>, idx: number): Promise<{ readonly ts: number }> {
  const row = await db.selectFrom('audit_records').select('header').where('idx', '=', idx).executeTakeFirstOrThrow();
  return JSON.parse(row.header) as { ts: number };
}

onEachEngine((engine) => {
  test('a sink that is five minutes behind is one alarm for each time, a note and a measure as long as it lasts', async () => {
    await using temporary = await TemporaryAudit.create(engine);
    await using audit = await temporary.open();
    const { db } = audit.storage;
    const { service, messaging, metrics, leadership } = exportsTo(HOOK.url, temporary, audit);
    const measures = async (): Promise<string[]> =>
      (await metrics.exposition()).text.split('\n').filter((line) => /^mcp_sso_audit_export_.*\{/.test(line));
    const alarms = async (): Promise<number> => {
      await messaging.service.settled();
      return (await temporary.database.query('select event from message_deliveries')).length;
    };

    await audit.service.write(intent());
    await audit.service.write(intent());
    const { ts } = await headerOf(db, 0);
    await service.look(ts + 299_000);
    expect([service.notes, await alarms()]).toEqual([[], 0]);

    await markFailing(db, 'siem', 'it answered with status 503', ts + 1_000);
    await markFailing(db, 'siem', 'it was not reached (ECONNREFUSED)', ts + 200_000);
    await service.look(ts + 300_000);
    await service.look(ts + 301_000);
    expect(service.notes).toEqual([
      `The audit export siem is behind: 2 records wait, the oldest since ${new Date(ts).toISOString()} (it was not reached (ECONNREFUSED)). What waits stays in the log until it is taken.`,
    ]);
    expect(await alarms()).toBe(1);
    expect(await temporary.database.query('select event from message_deliveries')).toEqual([{ event: 'audit.alarm' }]);
    expect(await measures()).toEqual([
      'mcp_sso_audit_export_waiting_records{sink="siem"} 2',
      'mcp_sso_audit_export_lag_seconds{sink="siem"} 301',
      'mcp_sso_audit_export_failing_seconds{sink="siem"} 300',
    ]);

    await advance(db, 'siem', { from: 0, to: 2, now: ts + 400_000 });
    await service.look(ts + 400_000);
    expect([service.notes, await alarms()]).toEqual([[], 1]);
    expect(await measures()).toEqual([
      'mcp_sso_audit_export_waiting_records{sink="siem"} 0',
      'mcp_sso_audit_export_lag_seconds{sink="siem"} 0',
      'mcp_sso_audit_export_failing_seconds{sink="siem"} 0',
    ]);

    await audit.service.write(intent());
    await service.look(ts + 4_000_000);
    expect(service.notes).toEqual([expect.stringContaining('behind: 1 record waits since 2')]);
    expect(service.notes[0]).toContain('(it is slower than they come)');
    expect(await alarms()).toBe(2);

    // One that is slow all the time: no new alarm until it has caught up.
    await audit.service.write(intent());
    await advance(db, 'siem', { from: 2, to: 3, now: ts + 4_000_100 });
    const { ts: later } = await headerOf(db, 3);
    await service.look(later + 61_000);
    await service.look(later + 300_000);
    expect([service.notes.length, await alarms()]).toEqual([1, 2]);
    await service.look(later + 59_000);
    expect(service.notes).toEqual([]);
    await service.look(later + 300_000);
    expect([service.notes.length, await alarms()]).toEqual([1, 3]);

    // From here on another replica measures: what stood here would be an alarm that nobody ends.
    leadership.leads = false;
    await service.look(later + 301_000);
    expect([service.notes, await measures()]).toEqual([[], []]);
    await service.beforeApplicationShutdown();
    await messaging.stopped();
  });

  test('a record that is missing stops an export, and that is an alarm too', async () => {
    await using temporary = await TemporaryAudit.create(engine);
    await using audit = await temporary.open();
    await audit.service.write(intent());
    await audit.service.write(intent());
    const { service, messaging, metrics } = exportsTo(HOOK.url, temporary, audit);
    await exportPosition(audit.storage.db, 'siem', NOON);
    await temporary.tamper('delete from audit_records where idx = 0');
    await markFailing(audit.storage.db, 'siem', 'record 0 of the audit log is missing or damaged', NOON);
    await service.look(NOON + 299_000);
    expect(service.notes).toEqual([]);
    await service.look(NOON + 300_000);
    expect(service.notes).toEqual([
      'The audit export siem is behind: 2 records wait, the oldest since 2027-01-15T12:00:00.000Z (record 0 of the audit log is missing or damaged). What waits stays in the log until it is taken.',
    ]);
    expect((await metrics.exposition()).text).toContain('mcp_sso_audit_export_lag_seconds{sink="siem"} 300\n');
    await messaging.stopped();
    expect(await temporary.database.query('select event from message_deliveries')).toEqual([{ event: 'audit.alarm' }]);
  });

  test('a receiver that fails and a restart lose nothing; what comes again has the same id and the same records', async () => {
    await using receiver = await Receiver.start();
    await using temporary = await TemporaryAudit.create(engine);
    await using audit = await temporary.open();
    const busyOnce = (): void => {
      receiver.answer = (response) => {
        receiver.answer = undefined;
        response.writeHead(503, { 'retry-after': '0' }).end();
      };
    };
    const writeTwoAndExport = async (next: number): Promise<void> => {
      busyOnce();
      for (let index = 0; index < 2; index += 1) await audit.service.write(intent());
      const { service, messaging } = exportsTo(receiver.url, temporary, audit);
      service.onApplicationBootstrap();
      await vi.waitFor(
        async () => expect(await exportPosition(audit.storage.db, 'siem', 0)).toMatchObject({ next, failure: null }),
        eventually,
      );
      await service.beforeApplicationShutdown();
      await messaging.stopped();
    };
    await writeTwoAndExport(2);
    await writeTwoAndExport(4);
    const indexes = receiver.received.map(({ body }) =>
      body
        .trimEnd()
        .split('\n')
        .map((line) => (JSON.parse(line) as { idx: number }).idx),
    );
    expect(indexes).toEqual([
      [0, 1],
      [0, 1],
      [2, 3],
      [2, 3],
    ]);
    const [first, second, third, fourth] = receiver.received.map(({ headers }) => headers['webhook-id']);
    expect([second, fourth]).toEqual([first, third]);
    expect(third).not.toBe(first);
  });
});
