import { decodeJwt } from 'jose';
import * as oidc from 'openid-client';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { CLIENTS } from '#shared/api/paths.js';
import { REFUSALS } from '#shared/api/refusals.js';
import { AuditService } from '../../audit/audit.service.js';
import { StorageService } from '../../storage/storage.service.js';
import { IdentityService } from '../identity.service.js';
import { startApplication, type TestApplication } from '../testing/application.js';
import { TestClient, type Tokens } from '../testing/client.js';
import { IdpRecheck } from './idp-recheck.service.js';
import { SessionsService } from './sessions.service.js';
import { onEachEngine } from '../../storage/testing/engines.js';
import { TestDatabase } from '../../storage/testing/test-database.js';

const MINUTE = 60_000;
let database: TestDatabase;
onEachEngine((engine) => {
  let system: TestApplication;
  let client: TestClient;
  let tokens: Tokens;

  beforeEach(async () => {
    database = await TestDatabase.create(engine);
    system = await startApplication({ database: database.location });
    system.idp.users.set('alice', { email: 'alice@corp.test', name: 'Alice', groups: ['engineering'], active: true });
    client = await TestClient.of(system.publicUrl, CLIENTS.admin);
    tokens = await client.signIn('alice', { scope: 'openid self audit:read' });
  });
  afterEach(async () => {
    await system[Symbol.asyncDispose]();
    await database[Symbol.asyncDispose]();
  });

  /** As if the last question to the IdP were `ago` milliseconds old. */
  async function checkedAgo(ago: number, id = sessionId()): Promise<string> {
    const sessions = system.app.get(SessionsService);
    const session = await sessions.find(id);
    if (!session) throw new Error('no session');
    await sessions.applyFreshProfile(session, { ...session, ...session.person }, Date.now() - ago);
    return session.id;
  }

  function sessionId(): string {
    return String(decodeJwt(tokens.access_token)['sid']);
  }

  async function probe(token = tokens.access_token): Promise<Response> {
    return client.fetch(`${system.publicUrl}/api/v1/probe`, token);
  }

  test('whoever left while a page waited for its click gets no token for the code', async () => {
    const late = await TestClient.of(system.publicUrl);
    const callback = await late.toCallback('alice');
    const { db } = system.app.get(StorageService);
    const row = db.selectFrom('sessions').select('id').where('id', '!=', sessionId());
    await checkedAgo(10 * MINUTE, (await row.executeTakeFirstOrThrow()).id);
    system.idp.users.get('alice')!.active = false;
    await expect(late.redeem(callback)).rejects.toMatchObject({ error: 'invalid_grant' });
  });

  test('within a minute of the last check a refresh asks nobody, and the refresh token stays the same', async () => {
    const before = system.idp.tokenRequests;
    const refreshed = await client.refresh(tokens.refresh_token ?? '');
    expect(system.idp.tokenRequests).toBe(before);
    expect(refreshed.refresh_token).toBe(tokens.refresh_token);
    expect(refreshed.token_type).toBe('dpop');
    expect((await probe(refreshed.access_token)).status).toBe(200);
  });

  test('after a minute a refresh takes over new groups, at once for tokens that are already out', async () => {
    await checkedAgo(2 * MINUTE);
    system.idp.users.set('alice', {
      email: 'a@new.test',
      name: 'Alice B',
      groups: ['sales', 'security'],
      active: true,
    });
    const refreshed = await client.refresh(tokens.refresh_token ?? '');
    expect(refreshed.claims()).toMatchObject({ email: 'a@new.test', name: 'Alice B' });
    expect(await (await probe()).json()).toEqual({ person: 'alice', groups: ['corp/sales', 'corp/security'] });
  });

  test('many refreshes at once ask the IdP once, so that its rotation does not take us for a thief', async () => {
    await checkedAgo(2 * MINUTE);
    const before = system.idp.tokenRequests;
    const all = await Promise.all([1, 2, 3, 4].map(() => client.refresh(tokens.refresh_token ?? '')));
    expect(system.idp.tokenRequests).toBe(before + 1);
    expect(all.map(({ token_type }) => token_type)).toEqual(['dpop', 'dpop', 'dpop', 'dpop']);
    await checkedAgo(2 * MINUTE);
    await expect(client.refresh(tokens.refresh_token ?? '')).resolves.toMatchObject({ token_type: 'dpop' });
  });

  test('what outlives its token asks again, and ends with the person who left', async () => {
    const identity = system.app.get(IdentityService);
    const id = await checkedAgo(2 * MINUTE);
    await expect(identity.confirm(id)).resolves.toBeUndefined();
    await checkedAgo(2 * MINUTE);
    system.idp.users.delete('alice');
    await expect(identity.confirm(id)).rejects.toMatchObject({ code: 'session_ended' });
  });

  test('a person who left is refused at the next refresh, and every token is dead', async () => {
    await checkedAgo(2 * MINUTE);
    system.idp.users.set('alice', { active: false });
    const ended: string[] = [];
    system.app.get(IdentityService).onSessionEnded((id) => ended.push(id));
    await expect(client.refresh(tokens.refresh_token ?? '')).rejects.toMatchObject({ error: 'invalid_grant' });
    expect(ended).toEqual([sessionId()]);
    const answer = await probe();
    expect(answer.status).toBe(401);
    await expect(client.refresh(tokens.refresh_token ?? '')).rejects.toMatchObject({ error: 'invalid_grant' });
    const { entries } = await system.app.get(AuditService).search({ type: 'auth.session-ended', limit: 1 });
    expect(entries[0]).toMatchObject({ type: 'auth.session-ended', session: sessionId() });
  });

  const graceRecords = async () => {
    const { entries } = await system.app.get(AuditService).search({ type: 'auth.grace', limit: 10 });
    return entries.filter(({ session }) => session === sessionId());
  };

  test('when the IdP is down who is in goes on for the grace, on record once', async () => {
    await checkedAgo(14 * MINUTE);
    system.idp.down = true;
    for (let round = 0; round < 2; round += 1) {
      const refreshed = await client.refresh(tokens.refresh_token ?? '');
      expect((await probe(refreshed.access_token)).status).toBe(200);
    }
    await expect(system.app.get(IdentityService).confirm(sessionId())).resolves.toBeUndefined();
    expect(await graceRecords()).toHaveLength(1);
    system.idp.down = false;
    await expect(client.refresh(tokens.refresh_token ?? '')).resolves.toMatchObject({ token_type: 'dpop' });
  });

  test('when the IdP could not answer it is asked again within seconds, before it takes our refresh token for a used one', async () => {
    const id = await checkedAgo(2 * MINUTE);
    system.idp.down = true;
    await client.refresh(tokens.refresh_token ?? '');
    const asked = system.idp.nextTokenRequest();
    system.idp.down = false;
    await asked;
    const sessions = system.app.get(SessionsService);
    await expect.poll(async () => Date.now() - ((await sessions.read(id))?.idpCheckedAt ?? 0)).toBeLessThan(MINUTE);
  });

  test('after the grace nobody gets a token, a token that is out is refused too, and both say why', async () => {
    await checkedAgo(16 * MINUTE + 1000);
    system.idp.down = true;
    const { response } = await client.rawRefresh(tokens.refresh_token ?? '');
    expect(response.status).toBe(503);
    expect(response.headers.get('retry-after')).toBe('5');
    expect(await response.json()).toEqual({ error: 'temporarily_unavailable', error_description: REFUSALS.graceOver });
    const refused = await probe();
    expect(refused.status).toBe(503);
    expect(await refused.text()).toContain(REFUSALS.graceOver);
    await expect(system.app.get(IdentityService).confirm(sessionId())).rejects.toThrow(REFUSALS.graceOver);
    expect(await graceRecords()).toEqual([]);
    system.idp.down = false;
    const refreshed = await client.refresh(tokens.refresh_token ?? '');
    expect((await probe(refreshed.access_token)).status).toBe(200);
  });

  test('while the IdP is down nobody gets in anew, also not with a code that waited', async () => {
    const other = await TestClient.of(system.publicUrl);
    const callback = await other.toCallback('alice');
    const { db } = system.app.get(StorageService);
    const row = db.selectFrom('sessions').select('id').where('id', '!=', sessionId());
    await checkedAgo(2 * MINUTE, (await row.executeTakeFirstOrThrow()).id);
    system.idp.down = true;
    await expect(other.redeem(callback)).rejects.toMatchObject({ code: 'OAUTH_RESPONSE_IS_NOT_CONFORM' });
    system.idp.down = false;
  });

  test('a rotated refresh token of the IdP is kept, sealed, before anything else can fail', async () => {
    const id = await checkedAgo(2 * MINUTE);
    const sessions = system.app.get(SessionsService);
    const first = await sessions.idpRefreshToken(id);
    await client.refresh(tokens.refresh_token ?? '');
    const second = await sessions.idpRefreshToken(id);
    expect(second).not.toBe(first);
    const { db } = system.app.get(StorageService);
    const row = await db.selectFrom('sessions').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
    expect(row.sealed_idp_refresh_token.includes(second ?? '')).toBe(false);
  });

  test('a refresh token is worth nothing without its key', async () => {
    const thief = await TestClient.of(system.publicUrl, CLIENTS.admin);
    await expect(thief.refresh(tokens.refresh_token ?? '')).rejects.toMatchObject({ error: 'invalid_grant' });
    await expect(oidc.refreshTokenGrant(client.configuration, tokens.refresh_token ?? '')).rejects.toMatchObject({
      error: 'invalid_grant',
    });
    expect((await probe()).status).toBe(200);
  });

  test('signing out ends the session before it is answered, and is on record', async () => {
    await oidc.tokenRevocation(client.configuration, tokens.refresh_token ?? '');
    const answer = await probe();
    expect(answer.status).toBe(401);
    expect(answer.headers.get('www-authenticate')).toContain('error="invalid_token"');
    const { entries } = await system.app.get(AuditService).search({ type: 'auth.sign-out', limit: 1 });
    expect(entries[0]).toMatchObject({ session: sessionId() });
  });

  test('another client cannot sign a person out', async () => {
    const bridge = await TestClient.of(system.publicUrl);
    await oidc.tokenRevocation(bridge.configuration, tokens.refresh_token ?? '').catch(() => undefined);
    expect((await probe()).status).toBe(200);
  });

  test('a session that is ended from inside is gone on the next call, with everything issued under it', async () => {
    await system.app.get(IdentityService).endSession(sessionId(), 'killed-by-admin');
    expect((await probe()).status).toBe(401);
    await expect(client.refresh(tokens.refresh_token ?? '')).rejects.toMatchObject({ error: 'invalid_grant' });
    const { db } = system.app.get(StorageService);
    const row = await db.selectFrom('sessions').selectAll().where('id', '=', sessionId()).executeTakeFirstOrThrow();
    expect(row.ended_reason).toBe('killed-by-admin');
    expect(row.sealed_idp_refresh_token.length).toBe(0);
    const left = await db.selectFrom('oidc_payloads').select('model').where('grant_id', '=', sessionId()).execute();
    expect(left).toEqual([]);
  });

  test('a control plane that was killed while it asked delays nobody where the next one is alone', async () => {
    await database.run(`update sessions set idp_check_until = ${Date.now() + MINUTE}`);
    await system.app.get(IdpRecheck).onModuleInit();
    const { db } = system.app.get(StorageService);
    const { idp_check_until: until } = await db
      .selectFrom('sessions')
      .select('idp_check_until')
      .executeTakeFirstOrThrow();
    expect(until > 0).toBe(engine === 'postgres');
  });
});
