import { expect, test, vi } from 'vitest';
import { runSql } from '../../../test/support/postgres-database.js';
import { SeverableProxy } from '../../../test/support/severable-proxy.js';
import { onPostgres } from '../testing/engines.js';
import { Replica } from '../testing/replica.js';
import { TestDatabase } from '../testing/test-database.js';
import type { Leadership } from './leadership.js';
import { SoleLeader } from './sole-leader.js';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });
const eventually = { timeout: 30_000, interval: 20 };

function candidate({ leadership }: Replica): { gained: number } {
  const seen = { gained: 0 };
  leadership.onGained('expiry', () => (seen.gained += 1));
  return seen;
}

test('on SQLite the one process leads from the start', () => {
  let gained = 0;
  const leadership: Leadership = new SoleLeader();
  leadership.onGained('catalog', () => (gained += 1));
  expect([leadership.holds('catalog'), leadership.holds('expiry'), gained]).toEqual([true, true, 1]);
});

onPostgres(() => {
  test('one of several leads; when it ends another takes over', async () => {
    await using database = await TestDatabase.create('postgres');
    const replicas = [Replica.on(database.location), Replica.on(database.location)];
    const seen = replicas.map(candidate);
    await vi.waitFor(
      () => expect(seen.map(({ gained }) => gained).toSorted((a, b) => a - b)).toEqual([0, 1]),
      eventually,
    );
    const leader = seen[0]?.gained === 1 ? 0 : 1;
    expect(replicas.map(({ leadership }) => leadership.holds('expiry'))).toEqual([leader === 0, leader === 1]);
    expect(replicas.map(({ leadership }) => leadership.holds('catalog'))).toEqual([false, false]);
    await replicas[leader]?.[Symbol.asyncDispose]();
    expect(replicas[leader]?.leadership.holds('expiry')).toBe(false);
    await vi.waitFor(() => expect(replicas[1 - leader]?.leadership.holds('expiry')).toBe(true), eventually);
    await replicas[1 - leader]?.[Symbol.asyncDispose]();
  });

  test('who does not wait for a duty never gets it', async () => {
    await using database = await TestDatabase.create('postgres');
    await using bystander = Replica.on(database.location);
    await using replica = Replica.on(database.location);
    candidate(replica);
    await vi.waitFor(() => expect(replica.leadership.holds('expiry')).toBe(true), eventually);
    expect(bystander.leadership.holds('expiry')).toBe(false);
  });

  test('a leader whose network died stops leading, and its lock goes to another', async () => {
    await using database = await TestDatabase.create('postgres');
    await using proxy = await SeverableProxy.to(database.location);
    await using lonely = Replica.on(database.location, proxy.url);
    candidate(lonely);
    await vi.waitFor(() => expect(lonely.leadership.holds('expiry')).toBe(true), eventually);
    await using other = Replica.on(database.location);
    candidate(other);
    proxy.sever('');
    await vi.waitFor(() => {
      const both = [lonely, other].map(({ leadership }) => leadership.holds('expiry'));
      expect(both).not.toEqual([true, true]);
      expect(both).toEqual([false, true]);
    }, eventually);
  });

  test('a leader that lost its connection is told again when it leads again', async () => {
    await using database = await TestDatabase.create('postgres');
    await using replica = Replica.on(database.location);
    const seen = candidate(replica);
    await vi.waitFor(() => expect(seen.gained).toBe(1), eventually);
    await runSql(
      database.location,
      "select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and objid = 7402",
    );
    await vi.waitFor(() => expect(seen.gained).toBe(2), eventually);
    expect(replica.leadership.holds('expiry')).toBe(true);
  });
});
