import { decodeJwt } from 'jose';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { CLIENTS } from '#shared/api/paths.js';
import { runSql } from '../../../test/support/postgres-database.js';
import { SeverableProxy } from '../../../test/support/severable-proxy.js';
import { AuditService } from '../../audit/audit.service.js';
import { APPLICATION } from '../../storage/dedicated-connection/dedicated-connection.js';
import { Notifications } from '../../storage/notifications/notifications.js';
import { onPostgres } from '../../storage/testing/engines.js';
import { StorageService } from '../../storage/storage.service.js';
import { TestDatabase } from '../../storage/testing/test-database.js';
import { IdentityService } from '../identity.service.js';
import { startApplication, type TestApplication } from '../testing/application.js';
import { TestClient, type Tokens } from '../testing/client.js';
import { IdpRecheck } from './idp-recheck.service.js';
import { SessionsService } from './sessions.service.js';

const MINUTE = 60_000;
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });
const eventually = { timeout: 30_000, interval: 5 };

const heardAll = ({ app }: TestApplication) =>
  vi.waitFor(() => expect(app.get(Notifications).current).toBe(true), eventually);
const sessionsOf = ({ app }: TestApplication) => app.get(SessionsService);

onPostgres(() => {
  let database: TestDatabase;
  let proxy: SeverableProxy;
  /** Two control planes on one database; b reaches it through the proxy. */
  let a: TestApplication;
  let b: TestApplication;
  let client: TestClient;
  let tokens: Tokens;
  let id: string;

  beforeEach(async () => {
    database = await TestDatabase.create('postgres');
    proxy = await SeverableProxy.to(database.location);
    a = await startApplication({ database: database.location });
    b = await startApplication({ database: proxy.url, publicUrl: a.publicUrl, idp: a.idp });
    a.idp.users.set('alice', { email: 'alice@corp.test', name: 'Alice', groups: ['engineering'], active: true });
    client = await TestClient.of(a.publicUrl, CLIENTS.admin);
    tokens = await client.signIn('alice', { scope: 'openid self audit:read' });
    id = String(decodeJwt(tokens.access_token)['sid']);
    await Promise.all([a, b].map((system) => heardAll(system)));
  });
  afterEach(async () => {
    await Promise.all([a, b].map((system) => system[Symbol.asyncDispose]()));
    await proxy[Symbol.asyncDispose]();
    await database[Symbol.asyncDispose]();
  });

  const groupsAt = async (system: TestApplication) => (await sessionsOf(system).find(id))?.groups;

  /** As if the IdP were asked two minutes ago; both know it. */
  async function checkedLongAgo(): Promise<void> {
    const session = await sessionsOf(a).read(id);
    if (!session) throw new Error('no session');
    const name = `Alice ${performance.now()}`;
    await sessionsOf(a).applyFreshProfile(session, { ...session, email: null, name }, Date.now() - 2 * MINUTE);
    await vi.waitFor(async () => expect((await sessionsOf(b).find(id))?.person.name).toBe(name), eventually);
  }

  async function endRecords(): Promise<number> {
    const { entries } = await a.app.get(AuditService).search({ type: 'auth.session-ended', limit: 10 });
    return entries.length;
  }

  test('a session that ends on one ends on the other, with its calls', async () => {
    expect(await groupsAt(b)).toEqual(['corp/engineering']);
    const { promise: ended, resolve } = Promise.withResolvers<string>();
    b.app.get(IdentityService).onSessionEnded(resolve);
    await a.app.get(IdentityService).endSession(id, 'ended-by-admin');
    expect(await ended).toBe(id);
    expect(await groupsAt(b)).toBeUndefined();
  });

  test('changed groups act on the other', async () => {
    expect(await groupsAt(b)).toEqual(['corp/engineering']);
    await checkedLongAgo();
    a.idp.users.set('alice', { groups: ['sales'], active: true });
    await client.refresh(tokens.refresh_token ?? '');
    expect(await groupsAt(a)).toEqual(['corp/sales']);
    await vi.waitFor(async () => expect(await groupsAt(b)).toEqual(['corp/sales']), eventually);
  });

  test('what the IdP said to one that then stood still does not undo what it has said since', async () => {
    const session = await sessionsOf(a).read(id);
    if (!session) throw new Error('no session');
    const profile = { ...session, ...session.person, groups: ['corp/contractors'] };
    await sessionsOf(b).applyFreshProfile(session, profile, Date.now());
    await sessionsOf(a).applyFreshProfile(session, { ...profile, groups: ['corp/engineering'] }, Date.now() - MINUTE);
    expect((await sessionsOf(a).read(id))?.groups).toEqual(['corp/contractors']);
  });

  test('a session that both end at once has one record', async () => {
    await Promise.all([a, b, a, b].map((system) => sessionsOf(system).end(id, 'ended-by-admin')));
    expect(await endRecords()).toBe(1);
  });

  test('two that refresh one session at once ask the IdP once, and its rotation harms nobody', async () => {
    for (let round = 0; round < 5; round += 1) {
      await checkedLongAgo();
      const before = a.idp.tokenRequests;
      const all = await Promise.all([a, b, a, b].map(({ app }) => app.get(IdpRecheck).freshSession(id)));
      expect(all.map((session) => session?.id)).toEqual([id, id, id, id]);
      expect(a.idp.tokenRequests).toBe(before + 1);
    }
    expect(await endRecords()).toBe(0);
  });

  test('a refresh by a replica that died leaves nobody out for ever', async () => {
    await checkedLongAgo();
    await database.run(`update sessions set idp_check_until = ${Date.now() + 500}`);
    expect(await b.app.get(IdpRecheck).freshSession(id)).toMatchObject({ id });
  });

  test('what a replica that died was never answered is asked again by another, before its refresh token counts as stolen', async () => {
    await checkedLongAgo();
    const [now, before] = [Date.now(), a.idp.tokenRequests];
    await database.run(`update sessions set idp_check_until = ${now - 1}, idp_asked_at = ${now - 14_000}`);
    await vi.waitFor(() => expect(a.idp.tokenRequests).toBe(before + 1), eventually);
    const { db } = a.app.get(StorageService);
    const asked = db.selectFrom('sessions').select('idp_asked_at').where('id', '=', id);
    await vi.waitFor(async () => expect(await asked.execute()).toEqual([{ idp_asked_at: 0 }]), eventually);
  });

  test('one that hears nothing asks the database on every call', async () => {
    expect(await groupsAt(b)).toEqual(['corp/engineering']);
    proxy.sever(APPLICATION);
    await vi.waitFor(() => expect(b.app.get(Notifications).current).toBe(false), eventually);
    await sessionsOf(a).end(id, 'ended-by-admin');
    expect(await groupsAt(b)).toBeUndefined();
  });

  test('one whose connection for notices is killed again and again never answers from an old memory', async () => {
    expect(await groupsAt(b)).toEqual(['corp/engineering']);
    const kill = `select pg_terminate_backend(pid) from pg_stat_activity
      where application_name = '${APPLICATION}' and datname = current_database()`;
    await runSql(database.location, kill);
    const ending = sessionsOf(a).end(id, 'ended-by-admin');
    for (let round = 0; round < 10; round += 1) await runSql(database.location, kill);
    await ending;
    await vi.waitFor(async () => expect(await groupsAt(b)).toBeUndefined(), eventually);
    await heardAll(b);
    expect(await groupsAt(b)).toBeUndefined();
  });

  test('one that reaches no database at all refuses, and says to try again', async () => {
    expect(await groupsAt(b)).toEqual(['corp/engineering']);
    proxy.sever('');
    await vi.waitFor(() => expect(b.app.get(Notifications).current).toBe(false), eventually);
    await expect(sessionsOf(b).find(id)).rejects.toMatchObject({ code: 'session_unconfirmed' });
    proxy.mend();
    await heardAll(b);
    expect(await groupsAt(b)).toEqual(['corp/engineering']);
  });
});
