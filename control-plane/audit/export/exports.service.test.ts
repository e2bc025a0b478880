import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { settingsSchema } from '../../config/settings.js';
import { TestMessaging } from '../../messaging/testing/messaging.js';
import { Logger } from '../../observability/logger.js';
import { Metrics } from '../../observability/metrics.js';
import { Leadership } from '../../storage/leadership/leadership.js';
import { onEachEngine } from '../../storage/testing/engines.js';
import { TemporaryAudit } from '../testing/open-audit.js';
import { intent } from '../testing/records.js';
import { advance, markFailing } from './export-positions.js';
import { ExportsService } from './exports.service.js';

const HOOK = { url: 'http://127.0.0.1:1/hook', secret: 'env:HOOK_SECRET' };

class Leads extends Leadership {
  isLeader = true;
  holds(): boolean {
    return this.isLeader;
  }
}

onEachEngine((engine) => {
  test('a sink that is five minutes behind is one alarm for each time, a note and a measure as long as it lasts', async () => {
    await using temporary = await TemporaryAudit.create(engine);
    await using audit = await temporary.open();
    const { db } = audit.storage;
    const settings = settingsSchema.parse({
      ...temporary.config.settings,
      audit: { export: { siem: { kind: 'webhook', url: HOOK.url, secret: 'env:HOOK_SECRET' } } },
    });
    const messaging = new TestMessaging(audit.storage, { webhooks: { ops: HOOK } });
    const metrics = new Metrics();
    const leadership = new Leads();
    const logger = new Logger('error', new PassThrough().resume());
    const config = { ...temporary.config, settings };
    // Never started: nothing but this test sends, measures or marks.
    const service = new ExportsService(config, audit.storage, leadership, messaging.service, logger, metrics);
    const measures = async (): Promise<string[]> =>
      (await metrics.exposition()).text.split('\n').filter((line) => /^mcp_sso_audit_export_.*\{/.test(line));
    const alarms = async (): Promise<number> => {
      await messaging.service.settled();
      return (await temporary.database.query('select event from message_deliveries')).length;
    };

    await audit.service.write(intent());
    await audit.service.write(intent());
    const { header } = await db
      .selectFrom('audit_records')
      .select('header')
      .where('idx', '=', 0)
      .executeTakeFirstOrThrow();
    const { ts } = JSON.parse(header) as { ts: number };
    await service.look(ts + 299_000);
    expect([service.notes, await alarms()]).toEqual([[], 0]);

    await markFailing(db, 'siem', 'it answered with status 503', ts + 1_000);
    await markFailing(db, 'siem', 'it was not reached (ECONNREFUSED)', ts + 200_000);
    await service.look(ts + 300_000);
    await service.look(ts + 301_000);
    expect(service.notes).toEqual([
      `The audit export siem is behind: 2 records wait, the oldest since ${new Date(ts).toISOString()} (it was not reached (ECONNREFUSED)). Nothing is lost; they are sent as soon as it takes them.`,
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
    expect(service.notes).toEqual([expect.stringContaining('1 records wait')]);
    expect(service.notes[0]).toContain('(it is slower than they come)');
    expect(await alarms()).toBe(2);

    // From here on another replica measures: what stood here would be an alarm that nobody ends.
    leadership.isLeader = false;
    await service.look(ts + 4_001_000);
    expect([service.notes, await measures()]).toEqual([[], []]);
    await service.beforeApplicationShutdown();
    await messaging.stopped();
  });
});
