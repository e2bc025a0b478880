import { expect, test } from 'vitest';
import { TestMessaging } from '../../messaging/testing/messaging.js';
import { onEachEngine } from '../../storage/testing/engines.js';
import { TemporaryAudit } from '../testing/open-audit.js';
import { intent } from '../testing/records.js';
import { OutageAlarm } from './outage-alarm.js';

const HOOK = { url: 'http://127.0.0.1:1/hook', secret: 'env:HOOK_SECRET' };

onEachEngine((engine) => {
  test('people are told once of a log that cannot be written, as soon as that can be queued, and it goes on by itself', async () => {
    await using temporary = await TemporaryAudit.create(engine);
    await using audit = await temporary.open();
    const { service } = audit;
    const messaging = new TestMessaging(audit.storage, { webhooks: { ops: HOOK } });
    const alarm = new OutageAlarm(service, messaging.service);
    const queued = () => temporary.database.query('select event from message_deliveries');

    await service.write(intent());
    await alarm.look();
    expect(await queued()).toEqual([]);

    await temporary.database.breakWrites('insert', 'audit_index');
    await temporary.tamper('alter table message_deliveries rename to away');
    await expect(service.write(intent())).rejects.toMatchObject({ code: 'audit_unavailable' });
    const { since = 0 } = service.outage ?? {};
    await alarm.look(since + 1_000);
    await temporary.tamper('alter table away rename to message_deliveries');
    expect(await queued()).toEqual([]);
    await alarm.look(since + 2_000);
    await alarm.look(since + 20_000);
    expect(await queued()).toEqual([{ event: 'audit.alarm' }]);
    expect(service.outage).toEqual({ since });

    await temporary.database.mendWrites('audit_index');
    await alarm.look(since + 20_000);
    expect(service.outage).toEqual({ since, until: expect.any(Number) as number });
    expect(await queued()).toEqual([{ event: 'audit.alarm' }]);
    expect((await service.search({ type: 'system.resume', limit: 10 })).entries).toHaveLength(1);
    await messaging.stopped();
  });

  test('an outage that began while the clock was an hour ahead does not last that hour', async () => {
    await using temporary = await TemporaryAudit.create(engine);
    await using audit = await temporary.open();
    const { service } = audit;
    const messaging = new TestMessaging(audit.storage, { webhooks: { ops: HOOK } });
    const alarm = new OutageAlarm(service, messaging.service);
    await temporary.database.breakWrites('insert', 'audit_index');
    await expect(service.write(intent())).rejects.toMatchObject({ code: 'audit_unavailable' });
    const { since = 0 } = service.outage ?? {};
    await temporary.database.mendWrites('audit_index');
    await alarm.look(since - 3_600_000);
    expect(service.outage).toEqual({ since, until: expect.any(Number) as number });
    await messaging.stopped();
  });
});
