import { PassThrough } from 'node:stream';
import { expect, test, vi } from 'vitest';
import { settingsSchema } from '../../config/settings.js';
import { TestMessaging, WEBHOOK_SECRET } from '../../messaging/testing/messaging.js';
import { Logger } from '../../observability/logger.js';
import { Metrics } from '../../observability/metrics.js';
import { onEachEngine } from '../../storage/testing/engines.js';
import { SwitchedLeadership } from '../../storage/testing/switched-leadership.js';
import { markPublished, putCheckpoint } from '../checkpoints/waiting-checkpoints.js';
import { advance, exportPosition, markFailing } from '../export/export-positions.js';
import { ExportsService } from '../export/exports.service.js';
import { TemporaryAudit, type OpenAudit } from '../testing/open-audit.js';
import { intent } from '../testing/records.js';
import { DeliveryProgress } from './delivery-progress.service.js';

const NOBODY = 'http://127.0.0.1:1/services/T0KEN-IN-A-PATH';
const WEBHOOK = { kind: 'webhook', url: NOBODY, secret: 'env:HOOK' };
const AUDIT = {
  export: { siem: WEBHOOK, archive: { kind: 'file', path: '/var/log/audit.ndjson' } },
  checkpoints: { to: { vault: { kind: 'file', path: '/mnt/checkpoints.ndjson' }, notary: WEBHOOK } },
};

function configOf({ config }: TemporaryAudit) {
  const settings = settingsSchema.parse({ ...config.settings, audit: AUDIT });
  return { ...config, settings, environment: { HOOK: WEBHOOK_SECRET } };
}

function progressOf(temporary: TemporaryAudit, { storage }: OpenAudit): DeliveryProgress {
  return new DeliveryProgress(configOf(temporary), storage);
}

onEachEngine((engine) => {
  test('says how far each export is and since when it fails, and writes nothing', async () => {
    await using temporary = await TemporaryAudit.create(engine);
    await using audit = await temporary.open();
    const { db } = audit.storage;
    const progress = progressOf(temporary, audit);
    const siem = { name: 'siem', kind: 'webhook', next: 0, failingSince: null, failure: null };
    const archive = { ...siem, name: 'archive', kind: 'file' };
    const none = { waiting: 0, behind: 0 };
    expect(await progress.ofExports(Date.now())).toEqual([
      { ...siem, ...none },
      { ...archive, ...none },
    ]);

    await audit.service.write(intent());
    await audit.service.write(intent());
    const first = await db.selectFrom('audit_records').select('header').where('idx', '=', 0).executeTakeFirstOrThrow();
    const { ts } = JSON.parse(first.header) as { ts: number };
    const both = { waiting: 2, behind: 7_000 };
    expect(await progress.ofExports(ts + 7_000)).toEqual([
      { ...siem, ...both },
      { ...archive, ...both },
    ]);
    expect(await temporary.database.query('select * from audit_exports')).toEqual([]);

    for (const name of ['siem', 'archive', 'removed-from-the-settings']) await exportPosition(db, name, ts);
    await advance(db, 'archive', { from: 0, to: 2, now: ts + 1_000 });
    await markFailing(db, 'siem', 'it answered with status 503', ts - 2_000);
    expect(await progress.ofExports(ts + 7_000)).toEqual([
      { ...siem, waiting: 2, behind: 9_000, failingSince: ts - 2_000, failure: 'it answered with status 503' },
      { ...archive, ...none, next: 2 },
    ]);
    // The clock of another replica, which is behind that of the one that wrote.
    expect((await progress.ofExports(ts - 60_000))[0]).toMatchObject({ waiting: 2, behind: 0 });
  });

  test('says how far each place for checkpoints is', async () => {
    await using temporary = await TemporaryAudit.create(engine);
    await using audit = await temporary.open();
    const { db } = audit.storage;
    for (const size of [10, 20, 30]) await putCheckpoint(db, 'vault', { size, note: 'n', made_at: size * 1_000 });
    await markPublished(db, 'vault', 10, 11_000);
    expect(await progressOf(temporary, audit).ofCheckpoints(50_000)).toEqual([
      { name: 'vault', kind: 'file', waiting: 2, behind: 30_000, size: 10 },
      { name: 'notary', kind: 'webhook', waiting: 0, behind: 0, size: undefined },
    ]);
  });

  test('why a real export fails names neither its address nor its secret', async () => {
    await using temporary = await TemporaryAudit.create(engine);
    await using audit = await temporary.open();
    await audit.service.write(intent());
    const messaging = new TestMessaging(audit.storage, { webhooks: { ops: { url: NOBODY, secret: 'env:HOOK' } } });
    const logger = new Logger('error', new PassThrough().resume());
    const outside = [new SwitchedLeadership(), messaging.service, logger, new Metrics()] as const;
    const service = new ExportsService(configOf(temporary), audit.storage, ...outside);
    service.onApplicationBootstrap();
    const siem = async () => (await progressOf(temporary, audit).ofExports(Date.now()))[0];
    await vi.waitFor(async () => expect((await siem())?.failingSince).not.toBeNull(), { timeout: 20_000 });
    expect((await siem())?.failure).toBe('it was not reached (ECONNREFUSED)');
    await service.beforeApplicationShutdown();
    await messaging.stopped();
  });
});
