import { setImmediate } from 'node:timers/promises';
import { sql, type Kysely } from 'kysely';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { goOnAt } from '../../audit/testing/go-on-at.js';
import type { Database } from '../../storage/schema.js';
import { onEachEngine } from '../../storage/testing/engines.js';
import { keepConnection } from './keep-connection.js';
import { BROWSER, OpenConnections, type Replica } from './testing/open-connections.js';
import { SCOPES, UpstreamAccount } from './testing/upstream-account.js';

onEachEngine((engine) => {
  let upstream: UpstreamAccount;
  let company: OpenConnections;
  let replica: Replica;

  beforeEach(async () => {
    upstream = await UpstreamAccount.start();
    company = await OpenConnections.create(engine, { files: { url: upstream.url, credential: { kind: 'oauth' } } });
    replica = await company.replica();
  });
  afterEach(async () => {
    vi.useRealTimers();
    await company[Symbol.asyncDispose]();
    await upstream[Symbol.asyncDispose]();
  });

  test('from nothing but the server’s address to a token of the person’s own', async () => {
    const alice = await replica.person('alice');
    const { service } = replica;
    expect(await service.need(alice, 'files')).toEqual({ server: 'files', why: 'none' });
    expect(await service.plan(alice, 'files', null)).toEqual({
      server: 'files',
      issuer: upstream.issuer,
      scopes: [...SCOPES, 'offline_access'],
    });
    const { connection } = await replica.connect(alice, 'files');
    expect(connection).toMatchObject({
      person: alice.person.id,
      server: 'files',
      state: 'active',
      issuer: upstream.issuer,
    });
    expect(await service.list({ person: alice.person.id })).toEqual([connection]);
    expect(await service.need(alice, 'files')).toBeUndefined();
    expect(await upstream.scopesOf(await replica.token(alice, 'files'))).toBe('files:read files:write');
    const bob = await replica.person('bob');
    await expect(replica.token(bob, 'files')).rejects.toMatchObject({ code: 'connection_needed' });
  });

  test('one registration serves everybody, also where several connect at once on several replicas', async () => {
    const others = await Promise.all([company.replica(), company.replica()]);
    const replicas = [replica, ...others];
    const people = await Promise.all(['alice', 'bob', 'carol'].map((name) => replica.person(name)));
    await Promise.all(people.map((who, index) => replicas[index]!.connect(who, 'files')));
    expect(upstream.registrations).toBe(1);
    expect(await replica.service.list({})).toHaveLength(3);
  });

  test('a callback counts once, in the browser and for the person that began, and for ten minutes', async () => {
    const [alice, mallory] = await Promise.all([replica.person('alice'), replica.person('mallory')]);
    const query = await replica.visit(alice, 'files');
    const { service } = replica;
    await expect(service.finish(alice, query, 'x'.repeat(43))).rejects.toMatchObject({ code: 'sign_in_failed' });
    await expect(service.finish(alice, query, undefined)).rejects.toMatchObject({ code: 'sign_in_failed' });
    await expect(service.finish(mallory, query, BROWSER)).rejects.toMatchObject({ code: 'sign_in_failed' });
    expect(await service.list({})).toEqual([]);
    const both = await Promise.allSettled([1, 2].map(() => service.finish(alice, query, BROWSER)));
    expect(both.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    await expect(service.finish(alice, query, BROWSER)).rejects.toMatchObject({ code: 'sign_in_expired' });
    const late = await replica.visit(alice, 'files');
    goOnAt(Date.now() + 600_001);
    await expect(service.finish(alice, late, BROWSER)).rejects.toMatchObject({ code: 'sign_in_expired' });
  });

  test('a code of another attempt, another issuer and a state of nobody’s open nothing', async () => {
    const [alice, mallory] = await Promise.all([replica.person('alice'), replica.person('mallory')]);
    const mine = new URLSearchParams(await replica.visit(alice, 'files'));
    const stolen = new URLSearchParams(await replica.visit(mallory, 'files'));
    mine.set('code', stolen.get('code') ?? '');
    const { service } = replica;
    await expect(service.finish(alice, `?${mine.toString()}`, BROWSER)).rejects.toMatchObject({
      code: 'sign_in_failed',
    });
    const mixedUp = new URLSearchParams(await replica.visit(alice, 'files'));
    mixedUp.set('iss', 'https://evil.example');
    const before = upstream.tokenRequests.length;
    await expect(service.finish(alice, `?${mixedUp.toString()}`, BROWSER)).rejects.toMatchObject({
      code: 'sign_in_failed',
    });
    const silent = new URLSearchParams(await replica.visit(alice, 'files'));
    silent.delete('iss');
    await expect(service.finish(alice, `?${silent.toString()}`, BROWSER)).rejects.toMatchObject({
      code: 'sign_in_failed',
    });
    for (const query of ['?code=x&state=y', '?code=x', '?state=a&state=b&code=x', '']) {
      await expect(service.finish(alice, query, BROWSER)).rejects.toMatchObject({ code: 'sign_in_expired' });
    }
    expect(upstream.tokenRequests).toHaveLength(before);
    expect(await service.list({})).toEqual([]);
  });

  test('a server gets no more asked for than the settings name, for it and for its tools', async () => {
    const credential = { kind: 'oauth', scopes: ['files:read'] };
    const tools = { upload: { effect: 'write', scopes: ['files:write'] } };
    await using strict = await OpenConnections.create(engine, { files: { url: upstream.url, credential, tools } });
    const one = await strict.replica();
    const alice = await one.person('alice');
    const scopes = ['files:write', 'files:admin', 'offline_access'];
    const asked = await one.service.ask({ person: alice.person, session: null, server: 'files', by: null, scopes });
    expect((await one.service.plan(alice, 'files', asked.id)).scopes).toEqual(['files:read', 'files:write']);
    const { location } = await one.service.begin(alice, 'files', { request: asked.id, browser: BROWSER });
    expect(new URL(location).searchParams.get('scope')).toBe('files:read files:write');
  });

  test('what calls wait for: asked once, done by the connection, refused by the person', async () => {
    const alice = await replica.person('alice');
    const { service } = replica;
    const call = {
      person: alice.person,
      session: 'ses_1',
      server: 'files',
      by: { client: 'mcp-bridge', device: 'laptop', address: '192.0.2.1' },
    };
    const asked = await service.ask(call);
    expect(await service.ask(call)).toEqual(asked);
    expect(asked).toMatchObject({ state: 'open', by: call.by, person: alice.person });
    const waiting = service.waitFor(asked.id, 60_000, new AbortController().signal);
    expect((await replica.connect(alice, 'files', asked.id)).request).toBe(asked.id);
    await waiting;
    expect((await service.look(asked.id))?.state).toBe('done');
    const again = await service.ask({ ...call, scopes: ['files:write'] });
    upstream.account = null;
    await expect(replica.connect(alice, 'files', again.id)).rejects.toMatchObject({
      code: 'sign_in_failed',
      message: 'You did not agree, so nothing was connected.',
    });
    expect((await service.look(again.id))?.state).toBe('refused');
    await expect(replica.visit(alice, 'files', again.id)).rejects.toMatchObject({ code: 'not_found' });
    const bob = await replica.person('bob');
    const bobs = await service.ask({ ...call, person: bob.person });
    await expect(replica.visit(alice, 'files', bobs.id)).rejects.toMatchObject({ code: 'not_found' });
  });

  test('a request that was refused in one tab and agreed to in another is done: the later word counts', async () => {
    const alice = await replica.person('alice');
    const { service } = replica;
    const ask = () => service.ask({ person: alice.person, session: null, server: 'files', by: null });
    const asked = await ask();
    const query = await replica.visit(alice, 'files', asked.id);
    expect(await service.refuse(asked.id, alice.person.id)).toBe(true);
    expect((await service.look(asked.id))?.state).toBe('refused');
    const other = await ask();
    expect(await service.refuse(other.id, alice.person.id)).toBe(true);
    expect((await service.finish(alice, query, BROWSER)).request).toBe(asked.id);
    expect(await upstream.takes(await replica.token(alice, 'files'))).toBe(true);
    expect([(await service.look(asked.id))?.state, (await service.look(other.id))?.state]).toEqual(['done', 'refused']);
    expect(await service.refuse(asked.id, alice.person.id)).toBe(false);
  });

  test('two browsers that come back at once make one connection, which opens the server', async () => {
    const other = await company.replica();
    const alice = await replica.person('alice');
    const queries = [await replica.visit(alice, 'files'), await replica.visit(alice, 'files')] as const;
    const both = await Promise.all([
      replica.service.finish(alice, queries[0], BROWSER),
      other.service.finish(alice, queries[1], BROWSER),
    ]);
    const kept = await replica.service.list({});
    expect(kept).toHaveLength(1);
    expect(both.map(({ connection }) => connection.id)).toContain(kept[0]?.id);
    expect(await upstream.takes(await replica.token(alice, 'files'))).toBe(true);
  });

  test('a first connection waits for another one that is being kept, and counts after it', async () => {
    const other = await company.replica();
    const alice = await replica.person('alice');
    await replica.connect(alice, 'files');
    const row = await replica.open.storage.db.selectFrom('connections').selectAll().executeTakeFirstOrThrow();
    await replica.open.storage.db.deleteFrom('connections').execute();
    const later = { ...row, id: 'con_later' };
    const began = Promise.withResolvers<void>();
    const first = replica.open.storage.db.transaction().execute(async (transaction) => {
      await keepConnection(transaction, row);
      began.resolve();
      if (engine === 'postgres') await isWaitedFor(transaction);
    });
    await began.promise;
    const second = other.open.storage.db.transaction().execute((transaction) => keepConnection(transaction, later));
    await Promise.all([first, second]);
    expect(await replica.service.list({})).toMatchObject([{ id: 'con_later' }]);
  });
});

/** Resolves when another transaction of this database waits for a lock. */
async function isWaitedFor(db: Kysely<Database>): Promise<void> {
  const waiting = sql<{ waits: boolean }>`select count(*) > 0 as waits from pg_stat_activity
    where datname = current_database() and wait_event_type = 'Lock'`;
  while ((await waiting.execute(db)).rows[0]?.waits !== true) await setImmediate();
}
