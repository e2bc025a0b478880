import { decodeJwt } from 'jose';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { CLIENTS } from '#shared/api/paths.js';
import { AuditService } from '../../audit/audit.service.js';
import { Notifications } from '../../storage/notifications/notifications.js';
import { StorageService } from '../../storage/storage.service.js';
import { onEachEngine, onPostgres } from '../../storage/testing/engines.js';
import { TestDatabase } from '../../storage/testing/test-database.js';
import { ExpirySweep } from '../expiry-sweep.js';
import { startApplication, type TestApplication } from '../testing/application.js';
import { TestClient, type Tokens } from '../testing/client.js';
import { LastUse } from './last-use.js';
import { SessionsUnderWay } from './sessions-under-way.js';
import { SessionsService } from './sessions.service.js';

vi.setConfig({ testTimeout: 30_000, hookTimeout: 60_000 });

const MINUTE = 60_000;
/** The idle limit of the tests, and all that the database may not know yet. */
const UNUSED = 30 * MINUTE + 90_000;
/** As near to it as a busy machine allows. */
const STILL_USED = UNUSED - 60_000;
const LIMITS = {
  absoluteMinutes: 1440,
  idleMinutes: 30,
  roles: { owner: { absoluteMinutes: 60 }, auditor: { idleMinutes: 10 } },
};
const ROLES = { owner: ['corp/owners'], auditor: ['corp/security'] };
const UNUSED_TEXT = 'Your session ended because it was not used for 30 minutes. Sign in again: run `mcp-sso login`.';
const DAY_TEXT = 'Your session ended because it had run for its 24 hours. Sign in again: run `mcp-sso login`.';
const HOUR_TEXT = 'Your session ended because it had run for its 1 hour. Sign in again: run `mcp-sso login`.';

async function start(database: TestDatabase, first?: TestApplication): Promise<TestApplication> {
  const shared = first ? { publicUrl: first.publicUrl, idp: first.idp } : {};
  return startApplication({ database: database.location, roles: ROLES, sessions: LIMITS, ...shared });
}

interface SignedIn {
  readonly id: string;
  readonly client: TestClient;
  readonly tokens: Tokens;
}

async function signIn({ idp, publicUrl }: TestApplication, groups: readonly string[] = []): Promise<SignedIn> {
  idp.users.set('alice', { email: 'alice@corp.test', groups, active: true });
  const client = await TestClient.of(publicUrl, CLIENTS.admin);
  const tokens = await client.signIn('alice', { scope: 'openid self' });
  return { id: String(decodeJwt(tokens.access_token)['sid']), client, tokens };
}

/** As if so much time had passed, in milliseconds; every replica reads the row again. */
async function passed({ app }: TestApplication, id: string, { unused = 0, old = 0, unasked = 0 }): Promise<void> {
  const { db } = app.get(StorageService);
  const row = await db.selectFrom('sessions').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
  const changes = {
    last_used_at: row.last_used_at - unused,
    created_at: row.created_at - old,
    expires_at: row.expires_at - old,
    idp_checked_at: row.idp_checked_at - unasked,
  };
  await app.get(Notifications).publish({ topic: 'session-changed', id }, async (transaction) => {
    await transaction.updateTable('sessions').set(changes).where('id', '=', id).execute();
    const payloads = transaction.updateTable('oidc_payloads').where('grant_id', '=', id);
    await payloads.set((payload) => ({ expires_at: payload('expires_at', '-', old) })).execute();
  });
}

const find = ({ app }: TestApplication, id: string) => app.get(SessionsService).find(id);

const heardAll = ({ app }: TestApplication) =>
  vi.waitFor(() => expect(app.get(Notifications).current).toBe(true), { timeout: 20_000, interval: 5 });

async function rowOf({ app }: TestApplication, id: string) {
  const { db } = app.get(StorageService);
  return db.selectFrom('sessions').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
}

async function probe({ publicUrl }: TestApplication, { client, tokens }: SignedIn): Promise<Response> {
  return client.fetch(`${publicUrl}/api/v1/probe`, tokens.access_token);
}

async function refresh({ client, tokens }: SignedIn): Promise<Tokens> {
  return client.refresh(tokens.refresh_token ?? '');
}

async function reasons({ app }: TestApplication, session: string): Promise<unknown[]> {
  const query = { type: 'auth.session-ended', limit: 50 } as const;
  const { entries } = await app.get(AuditService).search(query, { payloads: true });
  return entries.filter((entry) => entry.session === session).map(({ reason }) => reason);
}

onEachEngine((engine) => {
  let database: TestDatabase;
  let system: TestApplication;

  beforeAll(async () => {
    database = await TestDatabase.create(engine);
    system = await start(database);
  });
  afterAll(async () => {
    await system[Symbol.asyncDispose]();
    await database[Symbol.asyncDispose]();
  });

  test('a session that nobody used is over at the next call, on record, with the sentence that says why', async () => {
    const alice = await signIn(system);
    await passed(system, alice.id, { unused: STILL_USED });
    expect((await probe(system, alice)).status).toBe(200);
    await system.app.get(LastUse).write();
    await passed(system, alice.id, { unused: UNUSED });
    for (const _ of ['first', 'again']) {
      expect(await (await probe(system, alice)).json()).toMatchObject({ code: 'session_ended', detail: UNUSED_TEXT });
    }
    expect(await reasons(system, alice.id)).toEqual(['idle']);
    await expect(refresh(alice)).rejects.toMatchObject({ error: 'invalid_grant', error_description: UNUSED_TEXT });
  });

  test('a refresh after its idle end gets nothing, and is told why', async () => {
    const alice = await signIn(system);
    await passed(system, alice.id, { unused: UNUSED });
    const before = system.idp.tokenRequests;
    await expect(refresh(alice)).rejects.toMatchObject({ error: 'invalid_grant', error_description: UNUSED_TEXT });
    expect(system.idp.tokenRequests).toBe(before);
    expect((await rowOf(system, alice.id)).ended_reason).toBe('idle');
  });

  test('a refresh after the absolute end gets nothing, and is told why before any sweep', async () => {
    const alice = await signIn(system);
    await passed(system, alice.id, { old: 1440 * MINUTE });
    await expect(refresh(alice)).rejects.toMatchObject({ error: 'invalid_grant', error_description: DAY_TEXT });
    expect((await rowOf(system, alice.id)).ended_reason).toBe('expired');
  });

  test('a client that only refreshes does not keep a session', async () => {
    const alice = await signIn(system);
    await passed(system, alice.id, { unused: STILL_USED, unasked: 2 * MINUTE });
    const { last_used_at: before } = await rowOf(system, alice.id);
    const again = await refresh(alice);
    await system.app.get(LastUse).write();
    expect((await rowOf(system, alice.id)).last_used_at).toBe(before);
    expect((await probe(system, { ...alice, tokens: again })).status).toBe(200);
    await system.app.get(LastUse).write();
    expect((await rowOf(system, alice.id)).last_used_at).toBeGreaterThan(before);
  });

  test('a role that is taken on later shortens the session, and giving it up does not lengthen it again', async () => {
    const alice = await signIn(system);
    expect(await rowOf(system, alice.id)).toMatchObject({ idle_seconds: 1_800 });
    await passed(system, alice.id, { old: 50 * MINUTE, unasked: 2 * MINUTE });
    system.idp.users.get('alice')!.groups = ['owners'];
    const again = { ...alice, tokens: await refresh(alice) };
    const { created_at: createdAt, expires_at: expiresAt } = await rowOf(system, alice.id);
    expect(expiresAt - createdAt).toBe(60 * MINUTE);
    await passed(system, alice.id, { old: 11 * MINUTE, unasked: 2 * MINUTE });
    system.idp.users.get('alice')!.groups = [];
    await expect(refresh(again)).rejects.toMatchObject({ error: 'invalid_grant', error_description: HOUR_TEXT });
    expect(await (await probe(system, again)).json()).toMatchObject({ code: 'session_ended', detail: HOUR_TEXT });
    expect(await reasons(system, alice.id)).toEqual(['expired']);
  });

  test('a session begins with the limits of its roles, and its refresh token ends with it', async () => {
    const { db } = system.app.get(StorageService);
    for (const [groups, minutes, idle] of [
      [['owners', 'security'], 60, 600],
      [['sales'], 1440, 1_800],
    ] as const) {
      const { id } = await signIn(system, groups);
      const row = await rowOf(system, id);
      expect([row.expires_at - row.created_at, row.idle_seconds]).toEqual([minutes * MINUTE, idle]);
      const payloads = db.selectFrom('oidc_payloads').select(['model', 'expires_at']).where('grant_id', '=', id);
      const ends = new Map((await payloads.execute()).map(({ model, expires_at: at }) => [model, at ?? Infinity]));
      expect(Math.abs((ends.get('RefreshToken') ?? 0) - row.expires_at)).toBeLessThan(2_000);
      expect(ends.get('Grant')).toBeGreaterThan(row.expires_at);
    }
  });

  test('the sweep ends what ran out, and nothing that may have been used since its row was written', async () => {
    const [used, unused, old] = [await signIn(system), await signIn(system), await signIn(system)];
    await passed(system, used.id, { unused: STILL_USED });
    await passed(system, unused.id, { unused: UNUSED });
    await passed(system, old.id, { old: 1440 * MINUTE });
    const ids = [used, unused, old].map(({ id }) => id);
    const sessions = system.app.get(SessionsService);
    expect(await sessions.liveAmong(ids)).toEqual(new Set([used.id]));
    await system.app.get(ExpirySweep).sweep();
    const rows = await Promise.all(ids.map((id) => rowOf(system, id)));
    expect(rows.map((row) => row.ended_reason)).toEqual([null, 'idle', 'expired']);
    await expect(refresh(unused)).rejects.toMatchObject({ error: 'invalid_grant', error_description: UNUSED_TEXT });
    await expect(refresh(old)).rejects.toMatchObject({ error: 'invalid_grant', error_description: DAY_TEXT });
  });

  test('a stream that goes on is use while something comes on it, and keeps no session by silence', async () => {
    const underWay = system.app.get(SessionsUnderWay);
    const [talking, silent] = [await signIn(system), await signIn(system)];
    const ended = new Set<string>();
    using _talking = underWay.begin(
      talking.id,
      ({ code }) => ended.add(`talking ${code}`),
      () => true,
    );
    using _silent = underWay.begin(
      silent.id,
      ({ code }) => ended.add(`silent ${code}`),
      () => false,
    );
    await passed(system, talking.id, { unused: STILL_USED });
    await passed(system, silent.id, { unused: UNUSED });
    underWay.look(performance.now() + 6_000);
    await underWay.answered();
    await system.app.get(LastUse).write();
    await passed(system, talking.id, { unused: STILL_USED });
    underWay.look(performance.now() + 12_000);
    await underWay.answered();
    expect([...ended]).toEqual(['silent session_ended']);
    expect((await rowOf(system, silent.id)).ended_reason).toBe('idle');
  });

  test('a stream ends with the role that shortens its session, though nothing is called', async () => {
    const underWay = system.app.get(SessionsUnderWay);
    const alice = await signIn(system);
    await passed(system, alice.id, { old: 61 * MINUTE });
    const sessions = system.app.get(SessionsService);
    const { promise: ended, resolve } = Promise.withResolvers<string>();
    sessions.onEnded(resolve);
    using _call = underWay.begin(alice.id, () => undefined);
    const session = await sessions.read(alice.id);
    if (!session) throw new Error('no session');
    await sessions.applyFreshProfile(session, { ...session, ...session.person, groups: ['corp/owners'] }, Date.now());
    // The first finds that the role has shortened it, and a later one that it has ended.
    for (const later of [6_000, 12_000, 18_000]) {
      underWay.look(performance.now() + later);
      await underWay.answered();
    }
    expect(await ended).toBe(alice.id);
  });
});

onPostgres(() => {
  let database: TestDatabase;
  let a: TestApplication;
  let b: TestApplication;

  beforeAll(async () => {
    database = await TestDatabase.create('postgres');
    a = await start(database);
    b = await start(database, a);
  });
  beforeEach(async () => {
    await Promise.all([a, b].map((system) => heardAll(system)));
  });
  afterAll(async () => {
    await b[Symbol.asyncDispose]();
    await a[Symbol.asyncDispose]();
    await database[Symbol.asyncDispose]();
  });

  test('use at one control plane counts at the other, also while that one remembers none', async () => {
    const { id } = await signIn(a);
    await passed(a, id, { unused: STILL_USED });
    expect(await find(a, id)).toMatchObject({ id });
    b.app.get(LastUse).note(id, Date.now());
    await b.app.get(LastUse).write();
    expect(await find(a, id)).toMatchObject({ id });
    expect((await rowOf(a, id)).ended_at).toBeNull();
  });

  test('what one ends as unused is over at the other, with one record', async () => {
    const alice = await signIn(a);
    expect(await find(b, alice.id)).toMatchObject({ id: alice.id });
    await passed(a, alice.id, { unused: UNUSED });
    await vi.waitFor(async () => {
      const found = await Promise.all([a, b, a, b].map((system) => find(system, alice.id)));
      expect(found).toEqual([undefined, undefined, undefined, undefined]);
    });
    expect(await reasons(a, alice.id)).toEqual(['idle']);
  });
});
