import { sql } from 'kysely';
import { expect, test, vi } from 'vitest';
import { runSql } from '../../../test/support/postgres-database.js';
import { SeverableProxy } from '../../../test/support/severable-proxy.js';
import { APPLICATION } from '../dedicated-connection/dedicated-connection.js';
import { onPostgres } from '../testing/engines.js';
import { openTestStorage } from '../testing/open-storage.js';
import { Replica } from '../testing/replica.js';
import { TestDatabase } from '../testing/test-database.js';
import { InProcessNotifications } from './in-process-notifications.js';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });
const eventually = { timeout: 30_000, interval: 5 };
const untilCurrent = ({ notifications }: Replica) =>
  vi.waitFor(() => expect(notifications.current).toBe(true), eventually);
/** The publisher hears its own notice twice. */
const distinct = ({ heard }: Replica): string[] => [...new Set(heard)];
const nothing = (): Promise<void> => Promise.resolve();

test('on SQLite the one process is told after the commit, and not after a rollback', async () => {
  await using storage = await openTestStorage('sqlite');
  const notifications = new InProcessNotifications(storage.storage.db);
  const heard: string[] = [];
  notifications.subscribe('session-ended', (id) => heard.push(id));
  expect(await notifications.publish({ topic: 'session-ended', id: 's1' }, () => Promise.resolve(7))).toBe(7);
  const failing = notifications.publish({ topic: 'session-ended', id: 's2' }, () => Promise.reject(new Error('no')));
  await expect(failing).rejects.toThrow('no');
  expect(heard).toEqual(['s1']);
  expect(notifications.current).toBe(true);
});

test('on SQLite what another process commits is a gap, and what this one commits is none', async () => {
  await using storage = await openTestStorage('sqlite');
  const { db } = storage.storage;
  const notifications = new InProcessNotifications(db);
  let gaps = 0;
  notifications.onGap(() => (gaps += 1));
  await db.insertInto('dpop_proofs').values({ id: 'ours', expires_at: 1 }).execute();
  await storage.database.run("insert into dpop_proofs values ('theirs', 1)");
  await vi.waitFor(() => expect(gaps).toBe(1), eventually);
  await db.insertInto('dpop_proofs').values({ id: 'ours again', expires_at: 1 }).execute();
  await storage.database.run("insert into dpop_proofs values ('theirs again', 1)");
  await vi.waitFor(() => expect(gaps).toBe(2), eventually);
  await notifications.onApplicationShutdown();
});

onPostgres(() => {
  test('all replicas hear what was committed, and nothing of what was rolled back', async () => {
    await using database = await TestDatabase.create('postgres');
    await using a = Replica.on(database.location);
    await using b = Replica.on(database.location);
    await Promise.all([untilCurrent(a), untilCurrent(b)]);
    const failing = a.notifications.publish({ topic: 'session-ended', id: 's1' }, (transaction) =>
      sql`select 1 / 0`.execute(transaction),
    );
    await expect(failing).rejects.toThrow('division by zero');
    await a.notifications.publish({ topic: 'session-ended', id: 's2' }, nothing);
    expect(distinct(a)).toEqual(['gap', 'session-ended s2']);
    await b.notifications.publish({ topic: 'session-changed', id: 's3' }, nothing);
    await vi.waitFor(() => expect(b.heard).toContain('session-ended s2'), eventually);
    expect(b.heard).not.toContain('session-ended s1');
    await vi.waitFor(() => expect(a.heard).toContain('session-changed s3'), eventually);
  });

  test('a topic of a newer version, and bytes of a stranger, disturb nobody', async () => {
    await using database = await TestDatabase.create('postgres');
    await using replica = Replica.on(database.location);
    await untilCurrent(replica);
    await runSql(database.location, "notify mcp_sso, 'newer 1'; notify mcp_sso; notify mcp_sso, 'session-ended'");
    await replica.notifications.publish({ topic: 'session-ended', id: 's1' }, nothing);
    await vi.waitFor(() => expect(replica.heard.filter((notice) => notice !== 'gap')).toHaveLength(2), eventually);
    expect(distinct(replica)).toEqual(['gap', 'session-ended s1']);
  });

  test('whoever was cut off forgets before it trusts its memory again', async () => {
    await using database = await TestDatabase.create('postgres');
    await using replica = Replica.on(database.location);
    await untilCurrent(replica);
    const currentAtGap: boolean[] = [];
    replica.notifications.onGap(() => currentAtGap.push(replica.notifications.current));
    const kill = `select pg_terminate_backend(pid) from pg_stat_activity
      where application_name = '${APPLICATION}' and datname = current_database()`;
    expect(await runSql(database.location, kill)).toHaveLength(1);
    await vi.waitFor(() => expect(replica.heard).toEqual(['gap', 'gap']), eventually);
    await untilCurrent(replica);
    expect(currentAtGap).toEqual([false]);
  });

  test('a connection that died without a word is not trusted, and is replaced', async () => {
    await using database = await TestDatabase.create('postgres');
    await using proxy = await SeverableProxy.to(database.location);
    await using replica = Replica.on(database.location, proxy.url);
    await untilCurrent(replica);
    proxy.sever('');
    await vi.waitFor(() => expect(replica.notifications.current).toBe(false), eventually);
    proxy.mend();
    await vi.waitFor(() => expect(replica.heard).toEqual(['gap', 'gap']), eventually);
    await untilCurrent(replica);
  });

  test('a process that stood still trusts nothing until it has heard again', async () => {
    await using database = await TestDatabase.create('postgres');
    await using replica = Replica.on(database.location);
    await untilCurrent(replica);
    const until = performance.now() + 1_100;
    while (performance.now() < until) continue;
    expect(replica.notifications.current).toBe(false);
    await untilCurrent(replica);
    expect(replica.heard).toEqual(['gap']);
  });

  test('a clock that is set makes it ask again', async () => {
    await using database = await TestDatabase.create('postgres');
    await using replica = Replica.on(database.location);
    await untilCurrent(replica);
    try {
      vi.setSystemTime(Date.now() - 3_600_000);
      expect(replica.notifications.current).toBe(false);
    } finally {
      vi.useRealTimers();
    }
  });
});
