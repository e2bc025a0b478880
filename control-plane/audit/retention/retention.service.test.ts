import { afterEach, beforeEach, expect, test } from 'vitest';
import { onEachEngine } from '../../storage/testing/engines.js';
import { insertHold, releaseHold } from '../legal-holds/hold-rows.js';
import { advance, exportPosition } from '../export/export-positions.js';
import { TemporaryAudit, type OpenAudit } from '../testing/open-audit.js';
import { hadMonths, recordedAt, retentionOf, verified } from './testing/past.js';

const MARCH = Date.UTC(2026, 2, 15);
const APRIL = Date.UTC(2026, 3, 15);
/** The lists of March are past their 30 days, to the millisecond; those of April are not. */
const MAY = Date.UTC(2026, 4, 1);
const KEPT = { calls: '400d', lists: '30d', identity: 'forever' };
const HOOK = { kind: 'webhook', url: 'http://127.0.0.1:1/soc', secret: 'env:HOOK_SECRET' };

onEachEngine((engine) => {
  let temporary: TemporaryAudit;
  let audit: OpenAudit;
  let ids: string[];
  beforeEach(async () => {
    temporary = await TemporaryAudit.create(engine);
    audit = await temporary.open();
    await hadMonths(audit, '2026-03', '2026-04');
    ids = await recordedAt(audit, [MARCH, MARCH + 1, APRIL]);
  });
  afterEach(async () => {
    await audit.close();
    await temporary[Symbol.asyncDispose]();
  });

  const indexed = async (): Promise<string[]> => {
    const rows = await audit.storage.db.selectFrom('audit_index').select('record_id').orderBy('record_id').execute();
    return rows.map(({ record_id: id }) => id);
  };
  const payloads = async (): Promise<string[]> => {
    const rows = await audit.storage.db.selectFrom('audit_payloads').select('record_id').orderBy('record_id').execute();
    return rows.map(({ record_id: id }) => id);
  };

  test('a month of a kind that is past its days goes, on record; the log verifies, and knows expired from damaged', async () => {
    const { service, logged } = retentionOf(temporary, audit, { retention: KEPT });
    await service.sweep(MAY - 1);
    expect(await payloads()).toEqual(ids.toSorted());
    await service.sweep(MAY);
    const { log, finding, states, expiries } = await verified(audit);
    expect(states.join(' ')).toBe('shown expired shown shown expired shown shown shown shown shown');
    expect([log, finding]).toMatchObject([{ size: 10 }, undefined]);
    expect(expiries.map(({ facts }) => facts)).toEqual([
      expect.objectContaining({ target: 'lists/2026-03', records: 2, first: ids[1], last: ids[4] }),
    ]);
    const stay = ids.filter((id) => id !== ids[1] && id !== ids[4]);
    expect((await indexed()).slice(0, 7)).toEqual(stay.toSorted());
    expect((await payloads()).slice(0, 7)).toEqual(stay.toSorted());
    expect(logged()).toContain('"month":"lists/2026-03","event":"audit.expired"');

    await service.sweep(MAY + 1);
    expect((await verified(audit)).expiries).toHaveLength(1);
  });

  test('whoever does not lead removes nothing', async () => {
    const { service, leadership } = retentionOf(temporary, audit, { retention: KEPT });
    leadership.leads = false;
    await service.sweep(MAY);
    expect(await payloads()).toEqual(ids.toSorted());
  });

  test('a start says how long each kind is kept, and which months will go', async () => {
    const { service, logged } = retentionOf(temporary, audit, { retention: KEPT });
    await service.announce(MAY);
    const log = logged();
    expect(log).toContain(
      '"calls":"400d","lists":"30d","identity":"forever","administration":"2200d","event":"audit.retention"',
    );
    expect(log).toContain('"months":"lists/2026-03"');
    expect(await payloads()).toEqual(ids.toSorted());
  });

  test('a hold keeps the month, until it is released; one on another time does not', async () => {
    const { db } = audit.storage;
    const { service, logged } = retentionOf(temporary, audit, { retention: KEPT });
    const hold = { server: null, createdBy: 'usr_owner', createdAt: 1, released: undefined, name: 'Case 1' };
    const march = { ...hold, id: 'hld_1', person: 'usr_bob', from: Date.UTC(2026, 2, 31), to: null };
    await insertHold(db, audit.storage, march);
    await insertHold(db, audit.storage, { ...hold, id: 'hld_2', person: null, from: null, to: Date.UTC(2026, 1, 20) });
    await service.sweep(MAY);
    expect(await payloads()).toEqual(ids.toSorted());
    expect(logged()).toContain('"holds":"hld_1","event":"audit.expiry-held"');
    await releaseHold(db, audit.storage, 'hld_1', { by: 'usr_owner', at: 2, reason: 'settled' });
    await service.sweep(MAY);
    expect((await verified(audit)).states.filter((state) => state === 'expired')).toHaveLength(2);
  });

  test('a hold whose row was changed by hand stops every expiry', async () => {
    const { service, logged } = retentionOf(temporary, audit, { retention: KEPT });
    const when = { from: null, to: null, createdBy: 'usr_owner', createdAt: 1, released: undefined };
    await insertHold(audit.storage.db, audit.storage, {
      id: 'hld_1',
      name: 'Case',
      person: 'usr_bob',
      server: null,
      ...when,
    });
    await temporary.tamper(`update legal_holds set id = 'hld_2', to_time = 1`);
    await service.sweep(MAY);
    expect(await payloads()).toEqual(ids.toSorted());
    expect(logged()).toContain('audit.retention-failed');
  });

  test('a sink that has not passed a month keeps it, and says so once', async () => {
    const { db } = audit.storage;
    const { service, messaging } = retentionOf(temporary, audit, { retention: KEPT, export: { soc: HOOK } });
    await exportPosition(db, 'soc', MAY);
    await advance(db, 'soc', { from: 0, to: 6, now: MAY });
    await service.sweep(MAY);
    await service.sweep(MAY);
    await messaging.service.settled();
    expect(await payloads()).toEqual(ids.toSorted());
    expect(await temporary.database.query('select event from message_deliveries')).toHaveLength(1);
    await advance(db, 'soc', { from: 6, to: 7, now: MAY });
    await service.sweep(MAY);
    expect((await verified(audit)).states.filter((state) => state === 'expired')).toHaveLength(2);
  });

  test('what is removed by hand is damage, before and after its kind’s other months have expired', async () => {
    const { service } = retentionOf(temporary, audit, { retention: KEPT });
    await temporary.tamper(`delete from audit_payloads where record_id in ('${ids[0]}', '${ids[7]}')`);
    await service.sweep(MAY);
    const { states } = await verified(audit);
    expect([states[0], states[1], states[7]]).toEqual(['damaged', 'expired', 'damaged']);
  });

  test('a month that was emptied by hand does not expire: nothing says that it went by right', async () => {
    const { service } = retentionOf(temporary, audit, { retention: KEPT });
    await temporary.tamper(`delete from audit_payloads where record_id in ('${ids[1]}', '${ids[4]}')`);
    await service.sweep(MAY);
    const { states, expiries } = await verified(audit);
    expect([states[1], states[4], expiries]).toEqual(['damaged', 'damaged', []]);
  });

  test('whoever removes a month and writes that it has expired is found by the verifier', async () => {
    await temporary.tamper(
      `delete from audit_payloads where kind = 'calls';
       insert into audit_expirations values ('calls', '2026-03', '${ids[0]}', 1, 1)`,
    );
    const { states, finding } = await verified(audit);
    expect([states[0], states[3], states[6]]).toEqual(['expired', 'expired', 'damaged']);
    expect(finding).toEqual({
      index: 0,
      id: ids[0],
      message: 'The personal data of record 0 is gone, and no expiry of calls/2026-03 is on record: it was removed.',
    });
  });
});
