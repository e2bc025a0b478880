import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { goOnAt } from '../../audit/testing/go-on-at.js';
import { onEachEngine } from '../../storage/testing/engines.js';
import type { Connecting } from './connection.js';
import { openTokens, sealTokens, type ConnectionTokens } from './sealed-connection.js';
import { OpenConnections, type Replica } from './testing/open-connections.js';
import { storedConnection } from './testing/stored-connection.js';
import { UpstreamAccount } from './testing/upstream-account.js';

/** The access tokens live for 300 s. */
const after = (seconds: number) => goOnAt(Math.ceil(Date.now() / 1000) * 1000 + seconds * 1000);

onEachEngine((engine) => {
  let upstream: UpstreamAccount;
  let company: OpenConnections;
  let replica: Replica;
  let alice: Connecting;

  beforeEach(async () => {
    upstream = await UpstreamAccount.start();
    company = await OpenConnections.create(engine, { files: { url: upstream.url, credential: { kind: 'oauth' } } });
    replica = await company.replica();
    alice = await replica.person('alice');
    await replica.connect(alice, 'files');
  });
  afterEach(async () => {
    vi.useRealTimers();
    await company[Symbol.asyncDispose]();
    await upstream[Symbol.asyncDispose]();
  });

  const recordsOf = async (type: string): Promise<number> => {
    const rows = await company.audit.database.query<{ header: string }>('select header from audit_records');
    return rows.filter(({ header }) => (JSON.parse(header) as { type: string }).type === type).length;
  };

  test('calls on ten replicas at the moment of expiry make one refresh', async () => {
    const more = await Promise.all(Array.from({ length: 9 }, () => company.replica()));
    const replicas = [replica, ...more];
    for (const round of [1, 2]) {
      after(300);
      const calls = replicas.flatMap((one) => [1, 2, 3].map(() => one.token(alice, 'files')));
      const tokens = new Set(await Promise.all(calls));
      expect(tokens.size).toBe(1);
      expect(await upstream.takes([...tokens][0]!)).toBe(true);
      expect(upstream.refreshes).toBe(round);
    }
    expect(await recordsOf('connection.refresh')).toBe(2);
  });

  test('while the authorization server is down the old token is used as long as it lives', async () => {
    const first = await replica.token(alice, 'files');
    upstream.down = true;
    after(250);
    expect(await replica.token(alice, 'files')).toBe(first);
    after(60);
    await expect(replica.token(alice, 'files')).rejects.toMatchObject({ code: 'credential_unavailable' });
    upstream.down = false;
    after(6);
    expect(await upstream.takes(await replica.token(alice, 'files'))).toBe(true);
    expect((await replica.service.list({}))[0]?.state).toBe('active');
  });

  test('what was ended there is refused, once asked and on record, until the person connects again', async () => {
    await upstream.revokeAll(await replica.token(alice, 'files'));
    after(300);
    const calls = await Promise.allSettled([1, 2, 3].map(() => replica.token(alice, 'files')));
    expect(calls.map((call) => (call.status === 'rejected' ? (call.reason as { code: string }).code : ''))).toEqual(
      Array(3).fill('connection_refused'),
    );
    expect((await replica.service.list({}))[0]).toMatchObject({ state: 'refused', refusedAt: Date.now() });
    expect(await replica.service.need(alice, 'files')).toEqual({ server: 'files', why: 'refused' });
    await expect(replica.token(alice, 'files')).rejects.toMatchObject({ code: 'connection_refused' });
    expect([upstream.refreshes, await recordsOf('connection.refuse')]).toEqual([1, 1]);
    await replica.connect(alice, 'files');
    expect(await upstream.takes(await replica.token(alice, 'files'))).toBe(true);
  });

  test('a rotated token that got lost on its way is tried once, and not in a loop', async () => {
    upstream.mute = true;
    after(300);
    await expect(replica.token(alice, 'files')).rejects.toMatchObject({ code: 'credential_unavailable' });
    upstream.mute = false;
    after(6);
    await expect(replica.token(alice, 'files')).rejects.toMatchObject({ code: 'connection_refused' });
    await expect(replica.token(alice, 'files')).rejects.toMatchObject({ code: 'connection_refused' });
    expect(upstream.refreshes).toBe(2);
  });

  test('a token that the server refuses is replaced, by many calls at once only once', async () => {
    const refused = await replica.token(alice, 'files');
    const renewed = await Promise.all([1, 2, 3].map(() => replica.token(alice, 'files', { refused })));
    expect(new Set(renewed).size).toBe(1);
    expect(renewed[0]).not.toBe(refused);
    expect(upstream.refreshes).toBe(1);
  });

  test('a tool’s narrower token is fetched once, beside the one for all', async () => {
    const all = await replica.token(alice, 'files');
    const narrow = await replica.token(alice, 'files', { scopes: ['files:read'] });
    expect(await upstream.scopesOf(narrow)).toBe('files:read');
    expect(await replica.token(alice, 'files', { scopes: ['files:read'] })).toBe(narrow);
    expect(await replica.token(alice, 'files')).toBe(all);
    expect(upstream.refreshes).toBe(1);
    await expect(replica.token(alice, 'files', { scopes: ['files:delete'] })).rejects.toMatchObject({
      code: 'connection_needed',
    });
  });

  test('a life that is none costs nobody the connection, though the refresh token was rotated beside it', async () => {
    let token = await replica.token(alice, 'files');
    for (const life of ['1e999', '99999999999999999999', '-1', '0', '0.5', '"soon"', '"3600"', 'null', '[]', '{}']) {
      upstream.life = life;
      const next = await replica.token(alice, 'files', { refused: token });
      expect([life, next === token, await upstream.takes(next)]).toEqual([life, false, true]);
      token = next;
    }
    upstream.life = '1e999';
    const bob = await replica.person('bob');
    await replica.connect(bob, 'files');
    const { db } = replica.open.storage;
    const row = await db.selectFrom('connections').selectAll().where('person_id', '=', bob.person.id).execute();
    const end = Date.now() + 365 * 86_400_000;
    expect(row.map(({ expires_at: at }) => at! <= end && at! > end - 3_600_000)).toEqual([true]);
    expect((await replica.service.list({})).map(({ state }) => state)).toEqual(['active', 'active']);
  });

  test('an issuer that only a public server has named is not asked once it is private', async () => {
    const bob = await replica.person('bob');
    const change = { issuer: upstream.issuer, resource: upstream.url };
    const stored = { person: bob.person.id, server: 'files', change, ends: Date.now() - 1_000 };
    await storedConnection(replica.open.storage, stored);
    await expect(replica.token(bob, 'files')).rejects.toMatchObject({
      code: 'credential_unavailable',
      detail: expect.stringContaining('127.0.0.1 is not public') as string,
    });
    expect(upstream.tokenRequests).toEqual(['authorization_code']);
  });

  test('a connection that was sealed before it said who named its issuer goes on', async () => {
    const { storage } = replica.open;
    const row = await storage.db.selectFrom('connections').selectAll().executeTakeFirstOrThrow();
    const { reach, ...before } = openTokens(storage, row);
    expect(reach).toBe('private');
    const sealed = sealTokens(storage, row, before as ConnectionTokens);
    await storage.db.updateTable('connections').set({ sealed }).execute();
    after(301);
    expect(await upstream.takes(await replica.token(alice, 'files'))).toBe(true);
    expect(upstream.refreshes).toBe(1);
  });

  test('a token for more than a tool may have is not used for it, is asked for once a minute, and nothing is lost', async () => {
    upstream.ignoresScope = true;
    const narrow = () => replica.token(alice, 'files', { scopes: ['files:read'] });
    const denied = {
      code: 'credential_unavailable',
      detail: expect.stringContaining('may have (files:read)') as string,
    };
    await expect(narrow()).rejects.toMatchObject(denied);
    await expect(narrow()).rejects.toMatchObject(denied);
    expect(upstream.refreshes).toBe(1);
    expect(await upstream.scopesOf(await replica.token(alice, 'files'))).toBe('files:read files:write');
    expect(replica.service.notes).toEqual([
      expect.stringMatching(/^The credential of files \(oauth\), .* are denied; /),
    ]);
    upstream.ignoresScope = false;
    after(61);
    expect(await upstream.scopesOf(await narrow())).toBe('files:read');
    expect(replica.service.notes).toEqual([]);
    expect((await replica.service.list({}))[0]?.state).toBe('active');
  });

  test('tokens never go to another address than they were given for', async () => {
    const elsewhere = { url: 'http://127.0.0.1:1/mcp' };
    await expect(replica.token(alice, 'files', elsewhere)).rejects.toMatchObject({ code: 'connection_needed' });
  });

  test('what is not kept is not used, and kept with the next call', async () => {
    after(300);
    const { database } = company.audit;
    await database.breakWrites('update', 'connections');
    await expect(replica.token(alice, 'files')).rejects.toThrow('disk full');
    expect(upstream.refreshes).toBe(0);
    await database.mendWrites('connections');
    expect(await upstream.takes(await replica.token(alice, 'files'))).toBe(true);
    expect(upstream.refreshes).toBe(1);
  });

  test('a stop waits until the answer to a refresh that nobody waits for any more is kept', async () => {
    const refused = await replica.token(alice, 'files');
    const asked = Promise.withResolvers<void>();
    const answered = Promise.withResolvers<void>();
    upstream.hold = async () => (asked.resolve(), answered.promise);
    const renewing = replica.token(alice, 'files', { refused });
    await asked.promise;
    const stopped = replica.service.onApplicationShutdown();
    answered.resolve();
    await stopped;
    const { db } = replica.open.storage;
    expect(await db.selectFrom('connections').select(['generation', 'refresh_until']).execute()).toEqual([
      { generation: 2, refresh_until: 0 },
    ]);
    expect(await upstream.takes(await renewing)).toBe(true);
  });

  test('ended is ended, on every replica at once', async () => {
    const other = await company.replica();
    const [connection] = await replica.service.list({});
    const by = { person: alice.person.id, reason: 'own wish' };
    expect(await other.service.end(connection!.id, by)).toEqual(connection);
    expect(await other.service.end(connection!.id, by)).toBeUndefined();
    await expect(replica.token(alice, 'files')).rejects.toMatchObject({ code: 'connection_needed' });
  });

  test('a row that was swapped, cut or replayed opens nothing', async () => {
    const bob = await replica.person('bob');
    const { db } = replica.open.storage;
    const row = await db.selectFrom('connections').selectAll().executeTakeFirstOrThrow();
    const changes = [
      { person_id: bob.person.id },
      { server: 'crm' },
      { issuer: 'https://evil.example' },
      { resource: 'https://evil.example' },
      { client: 'settings' },
      { generation: row.generation + 1 },
      { sealed: row.sealed.subarray(0, 40) },
      { sealed: Buffer.alloc(0) },
    ];
    for (const change of changes) {
      await db.updateTable('connections').set(change).execute();
      const who = 'person_id' in change ? bob : alice;
      const at = { server: 'server' in change ? change.server : 'files' };
      await expect(replica.token(who, 'files', at)).rejects.toMatchObject({ code: 'credential_unavailable' });
      await db.updateTable('connections').set(row).execute();
    }
    expect(upstream.refreshes).toBe(0);
    expect(await upstream.takes(await replica.token(alice, 'files'))).toBe(true);
  });
});
