import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { verifyLog } from '#shared/audit-log/verify-log.js';
import { SeverableProxy } from '../../test/support/severable-proxy.js';
import { onPostgres } from '../storage/testing/engines.js';
import { TemporaryAudit } from './testing/open-audit.js';
import { intent } from './testing/records.js';

onPostgres(() => {
  let temporary: TemporaryAudit;
  beforeEach(async () => {
    temporary = await TemporaryAudit.create('postgres');
  });
  afterEach(() => temporary[Symbol.asyncDispose]());

  test('control planes that start for the first time at once share one log, one key and one key per person', async () => {
    await using replicas = new AsyncDisposableStack();
    const opened = await Promise.all(Array.from({ length: 4 }, () => temporary.open()));
    for (const replica of opened) replicas.use(replica);
    const writes = opened.flatMap(({ service }) => Array.from({ length: 100 }, () => service.write(intent())));
    const ids = new Set((await Promise.all(writes)).map(({ id }) => id));
    expect(ids.size).toBe(400);
    const [last] = opened;
    await last!.service.write(intent());
    const { headers, checkpoint, verifierKey } = await last!.service.log(0);
    expect(verifyLog(headers, checkpoint, verifierKey)).toMatchObject({ size: 401 });
    for (const { service } of opened) expect((await service.log(0)).verifierKey).toBe(verifierKey);
    const { entries } = await last!.service.search({ limit: 500 }, { payloads: true });
    expect(entries.filter(({ payload }) => payload === 'shown')).toHaveLength(401);
  });

  test('whatever becomes of a commit whose connection dies, the next record goes on from what is stored', async () => {
    await using audit = await temporary.open();
    for (let round = 0; round < 5; round += 1) {
      const written = Promise.allSettled(Array.from({ length: 50 }, () => audit.service.write(intent())));
      await temporary.tamper(
        `select pg_terminate_backend(pid) from pg_stat_activity
         where datname = current_database() and application_name = 'mcp-sso' and state <> 'idle'`,
      );
      const refused = (await written).filter(({ status }) => status === 'rejected');
      for (const { reason } of refused as PromiseRejectedResult[]) {
        expect(reason).toMatchObject({ code: 'audit_unavailable' });
      }
    }
    await audit.service.write(intent());
    const { headers, checkpoint, verifierKey } = await audit.service.log(0);
    expect(verifyLog(headers, checkpoint, verifierKey)).toMatchObject({ size: headers.length });
    const ids = headers.map((header) => (JSON.parse(header) as { id: string }).id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  test('a commit that was done, but whose answer was lost, is refused once and not written twice', async () => {
    await using proxy = await SeverableProxy.to(temporary.database.location);
    await using audit = await temporary.open(proxy.url);
    await audit.service.write(intent({ target: 'before' }));
    // The answer to the commit is what gets lost: the row appears, and nobody is told.
    await temporary.tamper(
      `create function slow() returns trigger language plpgsql as $$ begin perform pg_notify('slow', ''); perform pg_sleep(1); return null; end $$;
       create constraint trigger slow after insert on audit_payloads deferrable initially deferred for each row execute function slow()`,
    );
    const lost = audit.service.write(intent({ target: 'lost' }));
    await expect
      .poll(() =>
        temporary.database.query(`select 1 as one from pg_stat_activity where query = 'commit' and state = 'active'`),
      )
      .toHaveLength(1);
    proxy.sever('');
    await expect(lost).rejects.toMatchObject({ code: 'audit_unavailable' });
    proxy.mend();
    await temporary.tamper('drop trigger slow on audit_payloads');
    await audit.service.write(intent({ target: 'after' }));
    const { entries } = await audit.service.search({ limit: 10 });
    expect(entries.map(({ target }) => target)).toEqual(['after', 'lost', 'before']);
    const { headers, checkpoint, verifierKey } = await audit.service.log(0);
    expect(verifyLog(headers, checkpoint, verifierKey)).toMatchObject({ size: 3 });
  }, 40_000);

  test('a lock that another replica does not give back is a refusal, not an endless wait', async () => {
    await using audit = await temporary.open();
    const held = temporary.tamper(`begin; select pg_advisory_xact_lock(7301); select pg_sleep(6); rollback`);
    await expect
      .poll(() =>
        temporary.database.query(`select 1 as one from pg_locks where locktype = 'advisory' and objid = 7301`),
      )
      .toHaveLength(1);
    await expect(audit.service.write(intent())).rejects.toMatchObject({
      code: 'audit_unavailable',
      detail: 'canceling statement due to lock timeout',
    });
    await held;
    await audit.service.write(intent());
  }, 20_000);

  test('a replica whose clock jumps ahead writes nothing, and the others go on', async () => {
    await using ahead = await temporary.open();
    await using right = await temporary.open();
    await ahead.service.write(intent({ target: 'before' }));
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 301_000 });
    try {
      await expect(ahead.service.write(intent({ target: 'ahead' }))).rejects.toMatchObject({
        code: 'audit_unavailable',
        detail: 'The clock of this machine is 5 minutes ahead of the database. Set it right (NTP).',
      });
    } finally {
      vi.useRealTimers();
    }
    await right.service.write(intent({ target: 'after' }));
    const { entries } = await right.service.search({ limit: 10 });
    expect(entries.map(({ target }) => target)).toEqual(['after', 'before']);
  });
});
