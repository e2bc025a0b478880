import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { decodeJwt } from 'jose';
import { CLIENTS } from '#shared/api/paths.js';
import { StorageService } from '../storage/storage.service.js';
import { onEachEngine, onPostgres } from '../storage/testing/engines.js';
import { TestDatabase } from '../storage/testing/test-database.js';
import type { Session } from './caller.js';
import type { IdpTokens } from './idp/idp-tokens.js';
import { IdpRecheck } from './sessions/idp-recheck.service.js';
import { SessionsService } from './sessions/sessions.service.js';
import { SubjectTokens } from './subject-tokens.js';
import { startApplication, type TestApplication } from './testing/application.js';
import { TestClient } from './testing/client.js';

/** A server whose credential is made from the person's token of the IdP. */
const SERVERS = {
  crm: {
    url: 'https://crm.example/mcp',
    credential: {
      kind: 'token-exchange',
      tokenEndpoint: 'https://login.crm.example/token',
      clientId: 'mcp-sso',
      clientSecret: 'env:CRM',
    },
  },
};
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });
const TWENTY = Array.from({ length: 20 }, (_, index) => index);

const tokensAt = ({ app }: TestApplication) => app.get(SubjectTokens);
const sessionsAt = ({ app }: TestApplication) => app.get(SessionsService);

async function signIn(system: TestApplication, login: string): Promise<string> {
  system.idp.users.set(login, { groups: ['engineering'], active: true });
  const client = await TestClient.of(system.publicUrl, CLIENTS.admin);
  return String(decodeJwt((await client.signIn(login, { scope: 'openid self' })).access_token)['sid']);
}

/** As if the IdP had last answered so long ago that its tokens have run out. */
async function runOut(system: TestApplication, id: string, change: Partial<IdpTokens> = {}): Promise<Session> {
  const session = await sessionsAt(system).read(id);
  if (!session) throw new Error('no session');
  const past = { value: 'a-token-that-ran-out', expiresAt: Date.now() - 1 };
  const tokens = { givenAt: Date.now() - 300_000, accessToken: past, idToken: past, ...change };
  await sessionsAt(system).applyFreshProfile(session, { ...session, ...session.person }, Date.now() - 300_000, tokens);
  return session;
}

onEachEngine((engine) => {
  let database: TestDatabase;
  let system: TestApplication;
  let people = 0;
  let login: string;
  let id: string;
  beforeAll(async () => {
    database = await TestDatabase.create(engine);
    system = await startApplication({ database: database.location, servers: SERVERS });
  });
  beforeEach(async () => {
    people += 1;
    login = `alice-${people}`;
    id = await signIn(system, login);
  });
  afterAll(async () => {
    await system[Symbol.asyncDispose]();
    await database[Symbol.asyncDispose]();
  });

  const row = async () => {
    const { db } = system.app.get(StorageService);
    return db.selectFrom('sessions').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
  };

  test('those of the sign-in are given without asking the IdP, and are sealed', async () => {
    const before = system.idp.tokenRequests;
    const access = await tokensAt(system).subjectToken(id, 'access-token');
    const idToken = await tokensAt(system).subjectToken(id, 'id-token');
    expect(decodeJwt(idToken.value)).toMatchObject({ sub: login, iss: system.idp.issuer });
    expect(access.expiresAt).toBeGreaterThan(Date.now());
    expect(system.idp.tokenRequests).toBe(before);
    const { sealed_idp_tokens: sealed } = await row();
    expect(sealed?.includes(access.value)).toBe(false);
    expect(sealed?.includes(idToken.value)).toBe(false);
  });

  test('twenty at once make one refresh, again and again, and its rotation harms nobody', async () => {
    for (let round = 0; round < 3; round += 1) {
      await runOut(system, id);
      const before = system.idp.tokenRequests;
      const all = await Promise.all(TWENTY.map(() => tokensAt(system).subjectToken(id, 'access-token')));
      expect(new Set(all.map(({ value }) => value)).size).toBe(1);
      expect(system.idp.tokenRequests).toBe(before + 1);
    }
    await runOut(system, id);
    expect(await system.app.get(IdpRecheck).freshSession(id)).toMatchObject({ id });
  });

  test('a refresh for tokens counts as a re-check, and a re-check brings tokens', async () => {
    await runOut(system, id);
    system.idp.users.set(login, { groups: ['sales'], active: true });
    await tokensAt(system).subjectToken(id, 'id-token');
    expect(await sessionsAt(system).find(id)).toMatchObject({ groups: ['corp/sales'] });
    await runOut(system, id);
    await system.app.get(IdpRecheck).freshSession(id);
    const before = system.idp.tokenRequests;
    await tokensAt(system).subjectToken(id, 'access-token');
    expect(system.idp.tokenRequests).toBe(before);
  });

  test('a control plane that was killed right after the IdP had answered loses no refresh token', async () => {
    await runOut(system, id);
    const sessions = sessionsAt(system);
    const save = sessions.applyFreshProfile.bind(sessions);
    sessions.applyFreshProfile = () => Promise.reject(new Error('killed'));
    await expect(tokensAt(system).subjectToken(id, 'access-token')).rejects.toMatchObject({ code: 'idp_unreachable' });
    sessions.applyFreshProfile = save;
    await expect(tokensAt(system).subjectToken(id, 'access-token')).resolves.toMatchObject({});
  });

  test('a session that has ended gives nothing, and keeps nothing', async () => {
    await sessionsAt(system).end(id, 'killed-by-admin');
    await expect(tokensAt(system).subjectToken(id, 'access-token')).rejects.toMatchObject({ code: 'session_ended' });
    expect((await row()).sealed_idp_tokens).toBeNull();
  });

  test('who has left at the IdP is out at once', async () => {
    await runOut(system, id);
    system.idp.users.set(login, { active: false });
    await expect(tokensAt(system).subjectToken(id, 'access-token')).rejects.toMatchObject({ code: 'session_ended' });
  });

  test('an IdP that answers about somebody else gives nobody a token', async () => {
    await runOut(system, id);
    const { db } = system.app.get(StorageService);
    await db.updateTable('persons').set({ subject: 'mallory' }).where('subject', '=', login).execute();
    await expect(tokensAt(system).subjectToken(id, 'id-token')).rejects.toMatchObject({ code: 'session_ended' });
    expect((await row()).sealed_idp_tokens).toBeNull();
  });

  test('an IdP that is away says nothing about the session, and is asked again by itself', async () => {
    await runOut(system, id);
    system.idp.down = true;
    await expect(tokensAt(system).subjectToken(id, 'access-token')).rejects.toMatchObject({ code: 'idp_unreachable' });
    const asked = system.idp.nextTokenRequest();
    system.idp.down = false;
    await asked;
    await expect
      .poll(async () => (await sessionsAt(system).idpTokens(id))?.givenAt, { timeout: 30_000 })
      .toBeGreaterThan(Date.now() - 60_000);
  });

  test('one that sends no such token is not asked again at once', async () => {
    await runOut(system, id, { givenAt: Date.now() });
    const before = system.idp.tokenRequests;
    await expect(tokensAt(system).subjectToken(id, 'id-token')).rejects.toMatchObject({
      code: 'credential_unavailable',
      detail: 'the identity provider corp gives no id-token that lives long enough at a refresh',
    });
    expect(system.idp.tokenRequests).toBe(before);
  });

  test.each(['service', 'break-glass'] as const)('a %s session has none', async (kind) => {
    const session = await sessionsAt(system).read(id);
    if (!session) throw new Error('no session');
    await sessionsAt(system).create({ ...session, id: `${login}-${kind}`, kind }, '');
    await expect(tokensAt(system).subjectToken(`${login}-${kind}`, 'access-token')).rejects.toMatchObject({
      code: 'credential_unavailable',
      detail: `a ${kind} session has no account at the identity provider`,
    });
  });

  test('a sign-in by an identity assertion has none, and goes on', async () => {
    const session = await sessionsAt(system).read(id);
    if (!session) throw new Error('no session');
    await sessionsAt(system).create({ ...session, id: 'asserted' }, '');
    await expect(tokensAt(system).subjectToken('asserted', 'id-token')).rejects.toMatchObject({
      code: 'credential_unavailable',
    });
    expect(await sessionsAt(system).find('asserted')).toMatchObject({ id: 'asserted' });
  });

  test('what acts for a person has the person’s, until either ends', async () => {
    const session = await sessionsAt(system).read(id);
    if (!session) throw new Error('no session');
    const derived = `${id}.agent`;
    await sessionsAt(system).create({ ...session, id: derived, actors: ['service/agent'] }, '');
    const own = await tokensAt(system).subjectToken(id, 'access-token');
    expect(await tokensAt(system).subjectToken(derived, 'access-token')).toEqual(own);
    await sessionsAt(system).end(id, 'signed-out');
    await expect(tokensAt(system).subjectToken(derived, 'access-token')).rejects.toMatchObject({
      code: 'session_ended',
    });
  });
});

test('nothing is kept where no server has a token made from it', async () => {
  await using system = await startApplication({});
  const id = await signIn(system, 'alice');
  expect(await sessionsAt(system).idpTokens(id)).toBeUndefined();
  await runOut(system, id);
  await system.app.get(IdpRecheck).freshSession(id);
  expect(await sessionsAt(system).idpTokens(id)).toBeUndefined();
});

onPostgres(() => {
  test('two control planes that want one at once make one refresh', async () => {
    await using database = await TestDatabase.create('postgres');
    await using a = await startApplication({ database: database.location, servers: SERVERS });
    await using b = await startApplication({
      database: database.location,
      servers: SERVERS,
      publicUrl: a.publicUrl,
      idp: a.idp,
    });
    const id = await signIn(a, 'alice');
    for (let round = 0; round < 3; round += 1) {
      await runOut(a, id);
      const before = a.idp.tokenRequests;
      const all = await Promise.all([a, b, a, b].map((system) => tokensAt(system).subjectToken(id, 'id-token')));
      expect(new Set(all.map(({ value }) => value)).size).toBe(1);
      expect(a.idp.tokenRequests).toBe(before + 1);
    }
  });
});
