import { afterAll, beforeAll, expect, test } from 'vitest';
import { onEachEngine } from '../../storage/testing/engines.js';
import { TestDatabase } from '../../storage/testing/test-database.js';
import { StorageService } from '../../storage/storage.service.js';
import { LOGOUT, Receiver } from './testing/receiver.js';

onEachEngine((engine) => {
  let database: TestDatabase;
  let here: Receiver;

  beforeAll(async () => {
    database = await TestDatabase.create(engine);
    here = await Receiver.start(database.location);
  });
  afterAll(async () => {
    await here[Symbol.asyncDispose]();
    await database[Symbol.asyncDispose]();
  });

  const issSub = (sub: string, iss = here.idp.issuer) => ({ format: 'iss_sub', iss, sub });

  test('a logout by sid ends the sessions that began with it, and no other', async () => {
    const [one, two] = [await here.signIn('alice'), await here.signIn('alice')];
    expect(one.idpSession).not.toBe('');
    expect(one.idpSession).not.toBe(two.idpSession);
    const answer = await here.logout({ sid: one.idpSession }, { typ: 'logout+jwt' });
    expect([answer.status, await answer.text(), answer.headers.get('cache-control')]).toEqual([200, '', 'no-store']);
    expect([await here.isLive(one), await here.isLive(two)]).toEqual([false, true]);
    await expect(one.client.refresh(one.tokens.refresh_token!)).rejects.toMatchObject({ error: 'invalid_grant' });
    const [record] = await here.records();
    expect(record).toMatchObject({ type: 'auth.revocation', target: 'back-channel-logout:corp', reason: 'logout' });
  });

  test('a logout by sub ends all of that person, and nobody else’s', async () => {
    const [one, two, bob] = [await here.signIn('alice'), await here.signIn('alice'), await here.signIn('bob')];
    expect((await here.logout({ sub: 'alice' }, { typ: 'JWT' })).status).toBe(200);
    expect([await here.isLive(one), await here.isLive(two), await here.isLive(bob)]).toEqual([false, false, true]);
    expect((await here.logout({ sub: 'never-seen' })).status).toBe(200);
  });

  test('with sub and sid a session of which the sid is not known ends too', async () => {
    const [known, unknown, other] = [
      await here.signIn('alice'),
      await here.signIn('alice'),
      await here.signIn('alice'),
    ];
    const { db } = here.system.app.get(StorageService);
    await db.updateTable('sessions').set({ idp_session: null }).where('id', '=', unknown.session).execute();
    expect((await here.logout({ sub: 'alice', sid: known.idpSession })).status).toBe(200);
    expect([await here.isLive(known), await here.isLive(unknown), await here.isLive(other)]).toEqual([
      false,
      false,
      true,
    ]);
  });

  test('a logout token is good for one use, and bad answers say so', async () => {
    const token = await here.idp.sign({ aud: 'control-plane', events: LOGOUT, sub: 'carol' });
    const send = () => here.post('/auth/backchannel-logout', new URLSearchParams({ logout_token: token }));
    expect((await send()).status).toBe(200);
    const carol = await here.signIn('carol');
    const again = await send();
    expect(again.status).toBe(400);
    expect(await again.json()).toEqual({ error: 'invalid_request', error_description: 'The token was used already.' });
    expect(again.headers.get('cache-control')).toBe('no-store');
    expect(await here.isLive(carol)).toBe(true);
  });

  test.each([
    ['issuer and subject', () => issSub('alice')],
    ['e-mail address, however it is written', () => ({ format: 'email', email: 'Alice@CORP.test' })],
    ['opaque id', () => ({ format: 'opaque', id: 'alice' })],
  ])('universal logout by %s', async (_case, subject) => {
    const [alice, bob] = [await here.signIn('alice'), await here.signIn('bob')];
    const answer = await here.revokeAll(subject());
    expect([answer.status, await answer.text()]).toEqual([204, '']);
    expect([await here.isLive(alice), await here.isLive(bob)]).toEqual([false, true]);
  });

  test('universal logout by e-mail reaches only people of the provider that asks, and all of them', async () => {
    const [corp, other] = [await here.signIn('erin'), await here.signIn('erin', 'other')];
    expect((await here.revokeAll({ format: 'email', email: 'erin@corp.test' })).status).toBe(204);
    expect([await here.isLive(corp), await here.isLive(other)]).toEqual([false, true]);
    expect((await here.revokeAll(issSub('erin', here.other.issuer))).status).toBe(404);
    expect(await here.isLive(other)).toBe(true);
  });

  test('universal logout of nobody, by nothing and by a used token', async () => {
    expect((await here.revokeAll(issSub('nobody'))).status).toBe(404);
    expect((await here.revokeAll({ format: 'phone_number', phone_number: '+1' })).status).toBe(400);
    const once = { jti: 'once' };
    expect((await here.revokeAll(issSub('alice'), once)).status).toBe(204);
    const again = await here.revokeAll(issSub('alice'), once);
    expect(again.status).toBe(401);
    expect(again.headers.get('www-authenticate')).toContain('error="invalid_token"');
    expect(
      (await here.post('/auth/global-token-revocation', '{}', { 'content-type': 'application/json' })).status,
    ).toBe(401);
  });

  test('the time to cut is measured for each way', async () => {
    const counts = await here.metrics('time_to_cut_seconds_count');
    for (const path of ['back-channel-logout', 'universal-logout']) {
      expect(counts.find((line) => line.includes(`path="${path}"`))).toMatch(/ [1-9]\d*$/);
    }
  });
});
