import { afterAll, beforeAll, expect, test } from 'vitest';
import { onEachEngine } from '../../../storage/testing/engines.js';
import { TestDatabase } from '../../../storage/testing/test-database.js';
import { StorageService } from '../../../storage/storage.service.js';
import { AUDIENCE, CAEP, Receiver, RISC, SECRET } from '../testing/receiver.js';

/** What the page says instead of asking for confirmation. */
const DISABLED = 'Your account has been disabled';

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

  test.each([
    [`${CAEP}/session-revoked`, 'in a complex subject', () => ({ format: 'complex', user: issSub('alice') })],
    [`${CAEP}/credential-change`, 'by e-mail', () => ({ format: 'email', email: 'alice@corp.test' })],
    [`${RISC}/sessions-revoked`, 'by an opaque id', () => ({ format: 'opaque', id: 'alice' })],
  ])('%s %s ends the sessions', async (event, _how, subject) => {
    const alice = await here.signIn('alice');
    expect((await here.push(event, subject())).status).toBe(202);
    expect(await here.isLive(alice)).toBe(false);
    await here.signIn('alice');
  });

  test('a session-revoked of one session of the provider ends what began with it', async () => {
    const [one, two] = [await here.signIn('alice'), await here.signIn('alice')];
    const subject = { format: 'complex', session: { format: 'opaque', id: one.idpSession } };
    expect((await here.push(`${CAEP}/session-revoked`, subject)).status).toBe(202);
    expect([await here.isLive(one), await here.isLive(two)]).toEqual([false, true]);
  });

  test('a disabled account stays out until it is enabled, by events in their own order', async () => {
    const dan = await here.signIn('dan');
    const now = Math.floor(Date.now() / 1000);
    expect((await here.push(`${RISC}/account-disabled`, issSub('dan'), { iat: now - 20 })).status).toBe(202);
    expect(await here.isLive(dan)).toBe(false);
    await expect(here.signIn('dan')).rejects.toThrow(DISABLED);
    expect((await here.push(`${RISC}/account-enabled`, issSub('dan'), { iat: now - 30 })).status).toBe(202);
    await expect(here.signIn('dan')).rejects.toThrow(DISABLED);
    expect((await here.push(`${RISC}/account-enabled`, issSub('dan'), { iat: now - 10 })).status).toBe(202);
    expect(await here.isLive(await here.signIn('dan'))).toBe(true);
  });

  test('an account that is disabled before it was ever seen never gets in', async () => {
    expect((await here.push(`${RISC}/account-purged`, issSub('fred'))).status).toBe(202);
    await expect(here.signIn('fred')).rejects.toThrow(DISABLED);
  });

  test('an account that SCIM has disabled is not let in by an event', async () => {
    const gina = await here.signIn('gina');
    const { db } = here.system.app.get(StorageService);
    const out = { disabled_at: 1, disabled_by: 'scim:corp' };
    await db.updateTable('persons').set(out).where('subject', '=', 'gina').execute();
    expect((await here.push(`${RISC}/account-disabled`, issSub('gina'))).status).toBe(202);
    expect((await here.push(`${RISC}/account-enabled`, issSub('gina'))).status).toBe(202);
    const row = db.selectFrom('persons').select('disabled_by').where('subject', '=', 'gina');
    expect(await row.executeTakeFirst()).toEqual({ disabled_by: 'scim:corp' });
    expect(await here.isLive(gina)).toBe(false);
  });

  test('verification, unknown events, unknown people and what was heard before are accepted and counted', async () => {
    const verification = 'https://schemas.openid.net/secevent/ssf/event-type/verification';
    expect((await here.push(verification, { format: 'opaque', id: 'stream' })).status).toBe(202);
    expect((await here.push(`${CAEP}/device-compliance-change`, issSub('alice'))).status).toBe(202);
    expect((await here.push(`${CAEP}/session-revoked`, issSub('stranger'))).status).toBe(202);
    const token = await here.idp.sign(
      { aud: AUDIENCE, sub_id: issSub('hugo'), events: { [`${CAEP}/session-revoked`]: {} } },
      { typ: 'secevent+jwt' },
    );
    expect((await here.pushToken(token)).status).toBe(202);
    const hugo = await here.signIn('hugo');
    expect((await here.pushToken(token)).status).toBe(202);
    expect(await here.isLive(hugo)).toBe(true);
    const counted = await here.metrics('mcp_sso_revocation_signals_total{path="shared-signals"');
    expect(counted).toContain('mcp_sso_revocation_signals_total{path="shared-signals",outcome="ignored"} 2');
    expect(counted).toContain('mcp_sso_revocation_signals_total{path="shared-signals",outcome="repeated"} 1');
  });

  test('a transmitter that must bring a secret is refused without it', async () => {
    const token = () =>
      here.other.sign(
        { aud: AUDIENCE, sub_id: issSub('ivy', here.other.issuer), events: { [`${CAEP}/session-revoked`]: {} } },
        { typ: 'secevent+jwt' },
      );
    const ivy = await here.signIn('ivy', 'other');
    for (const headers of [{}, { authorization: 'Bearer wrong' }, { authorization: SECRET }]) {
      const answer = await here.pushToken(await token(), headers);
      expect([answer.status, answer.headers.get('content-language')]).toEqual([401, 'en']);
      expect(await answer.json()).toMatchObject({ err: 'authentication_failed' });
    }
    expect(await here.isLive(ivy)).toBe(true);
    expect((await here.pushToken(await token(), { authorization: `Bearer ${SECRET}` })).status).toBe(202);
    expect(await here.isLive(ivy)).toBe(false);
  });

  test('every signal that names somebody is on record, without its token', async () => {
    await here.signIn('judy');
    const before = (await here.records()).length;
    await here.push(`${CAEP}/session-revoked`, issSub('judy'));
    await here.push(`${CAEP}/session-revoked`, issSub('nobody-here'));
    const [unknown, judy, ...rest] = await here.records();
    expect(rest).toHaveLength(before);
    expect(judy).toMatchObject({ target: 'shared-signals:corp', reason: 'session-revoked' });
    expect(unknown).toMatchObject({ target: 'shared-signals:corp', detail: 'nobody here' });
    expect(JSON.stringify([judy, unknown])).not.toContain('eyJ');
  });

  test('the time to cut is measured', async () => {
    const [count] = await here.metrics('time_to_cut_seconds_count{path="shared-signals"}');
    expect(count).toMatch(/ [1-9]\d*$/);
  });

  test('a signal whose keys cannot be read may be sent again', async () => {
    await using started = await Receiver.start();
    const { idp } = started;
    const token = await idp.sign(
      { aud: AUDIENCE, sub_id: issSub('ken', idp.issuer), events: { [`${CAEP}/session-revoked`]: {} } },
      { typ: 'secevent+jwt' },
    );
    idp.down = true;
    expect((await started.pushToken(token)).status).toBe(503);
    idp.down = false;
    await expect
      .poll(async () => (await started.pushToken(token)).status, { timeout: 10_000, interval: 500 })
      .toBe(202);
    const [counted] = await started.metrics('outcome="nobody"');
    expect(counted).toMatch(/ 1$/);
  });
});
