import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { settingsSchema } from '../../config/settings.js';
import { TestMessaging } from '../../messaging/testing/messaging.js';
import { Logger } from '../../observability/logger.js';
import { Metrics } from '../../observability/metrics.js';
import { SwitchedLeadership } from '../../storage/testing/switched-leadership.js';
import { TemporaryAudit, type OpenAudit } from '../testing/open-audit.js';
import { intent } from '../testing/records.js';
import { CheckpointsService } from './checkpoints.service.js';

const START = 1_800_000_000_000;
const LATE = START + 301_000;

interface Running {
  readonly service: CheckpointsService;
  readonly messaging: TestMessaging;
  readonly metrics: Metrics;
  readonly leadership: SwitchedLeadership;
}

/** The service of one control plane that publishes to `file`; nothing but the test starts it. */
function publishesTo(file: string, temporary: TemporaryAudit, { records, storage }: OpenAudit): Running {
  const settings = settingsSchema.parse({
    ...temporary.config.settings,
    audit: { checkpoints: { to: { vault: { kind: 'file', path: file } } } },
  });
  const hook = { url: 'http://127.0.0.1:1/hook', secret: 'env:HOOK_SECRET' };
  const messaging = new TestMessaging(storage, { webhooks: { ops: hook } });
  const metrics = new Metrics();
  const leadership = new SwitchedLeadership();
  const service = new CheckpointsService(
    { ...temporary.config, settings },
    records,
    storage,
    leadership,
    messaging.service,
    new Logger('error', new PassThrough().resume()),
    metrics,
  );
  return { service, messaging, metrics, leadership };
}

test('a place that takes nothing for five minutes is an alarm, once, and a note as long as it lasts; calls go on', async () => {
  await using temporary = await TemporaryAudit.create('sqlite');
  await using audit = await temporary.open();
  const file = join(temporary.database.directory, 'out', 'checkpoints.ndjson');
  const { service, messaging, metrics, leadership } = publishesTo(file, temporary, audit);
  await audit.service.write(intent());
  await service.look(START);
  expect(service.notes).toEqual([]);
  await service.look(LATE);
  await service.look(LATE + 1_000);
  await audit.service.write(intent());
  expect(service.notes).toEqual([
    'Audit checkpoints do not reach vault since 2027-01-15T08:00:00.000Z (its file cannot be written (ENOENT)); 1 wait. Until they do, nobody elsewhere can prove what the log was then.',
  ]);
  await messaging.service.settled();
  expect(await temporary.database.query('select event from message_deliveries')).toEqual([{ event: 'audit.alarm' }]);
  expect((await metrics.exposition()).text).toContain('mcp_sso_audit_checkpoint_lag_seconds{place="vault"} 302\n');
  // While another replica measures, what stood here would be an alarm that nobody ends.
  leadership.leads = false;
  await service.look(LATE + 2_000);
  expect([service.notes, (await metrics.exposition()).text.includes('place="vault"')]).toEqual([[], false]);
  leadership.leads = true;
  await mkdir(join(file, '..'));
  await service.look(LATE + 100_000);
  expect(service.notes).toEqual([]);
  expect((await readFile(file, 'utf8')).trimEnd().split('\n')).toHaveLength(2);
  await service.beforeApplicationShutdown();
  await messaging.stopped();
});

test('a log whose checkpoint our key did not sign has nothing to publish, and that is an alarm too', async () => {
  await using temporary = await TemporaryAudit.create('sqlite');
  await using audit = await temporary.open();
  const file = join(temporary.database.directory, 'checkpoints.ndjson');
  const { service, messaging, metrics, leadership } = publishesTo(file, temporary, audit);
  await audit.service.write(intent());
  await temporary.tamper('update audit_checkpoints set size = 9');
  await service.look(START);
  await service.look(LATE);
  expect(service.notes).toEqual([
    'Audit checkpoints do not reach vault since 2027-01-15T08:00:00.000Z (the stored checkpoint is not one that the log’s key has signed); 0 wait. Until they do, nobody elsewhere can prove what the log was then.',
  ]);
  expect((await metrics.exposition()).text).toContain('mcp_sso_audit_checkpoint_lag_seconds{place="vault"} 301\n');
  // Another replica may have published meanwhile: how long this one has failed before says nothing.
  leadership.leads = false;
  await service.look(LATE + 1_000);
  leadership.leads = true;
  await service.look(LATE + 2_000);
  expect(service.notes).toEqual([]);
  await service.look(LATE + 303_000);
  expect(service.notes).toEqual([expect.stringContaining(' since 2027-01-15T08:05:03.000Z ')]);
  await temporary.tamper('update audit_checkpoints set size = 1');
  await service.look(LATE + 400_000);
  expect(service.notes).toEqual([]);
  await service.beforeApplicationShutdown();
  await messaging.stopped();
  expect(await temporary.database.query('select event from message_deliveries')).toEqual([
    { event: 'audit.alarm' },
    { event: 'audit.alarm' },
  ]);
});
