import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { BREAK_GLASS_GRANT, CLIENTS, PATHS } from '#shared/api/paths.js';
import { newKey, proof, type KeyPair } from '../test/support/proof.js';
import { AuditService } from './audit/audit.service.js';
import { endBreakGlass, makeBreakGlassCode } from './break-glass.js';
import { CONFIG } from './config/config.module.js';
import type { LoadedConfig } from './config/settings.js';
import { BreakGlass } from './identity/break-glass/break-glass.service.js';
import { BreakGlassWatch } from './identity/break-glass/break-glass-watch.js';
import { codeId } from './identity/break-glass/codes.js';
import { IdentityService } from './identity/identity.service.js';
import { startApplication, type TestApplication } from './identity/testing/application.js';
import { WEBHOOK_SECRET } from './messaging/testing/messaging.js';
import { Receiver } from './messaging/testing/receiver.js';
import { Metrics } from './observability/metrics.js';
import { onEachEngine } from './storage/testing/engines.js';
import { TestDatabase } from './storage/testing/test-database.js';

const MINUTE = 60_000;
const GOOD: Readonly<Record<'client_id' | 'resource' | 'device_name', string>> = {
  client_id: CLIENTS.admin,
  resource: PATHS.api,
  device_name: 'rescue',
};
const eventually = { timeout: 10_000, interval: 20 };

onEachEngine((engine) => {
  let database: TestDatabase;
  let system: TestApplication;
  let config: LoadedConfig;
  let key: KeyPair;
  let receiver: Receiver;

  beforeEach(async () => {
    database = await TestDatabase.create(engine);
    receiver = await Receiver.start();
    system = await startApplication({
      database: database.location,
      roles: { owner: ['corp/it'], auditor: ['corp/a'] },
      settings: { notifications: { webhooks: { ops: { url: receiver.url, secret: 'env:OPS' } } } },
      environment: { OPS: WEBHOOK_SECRET },
    });
    config = system.app.get<LoadedConfig>(CONFIG);
    key = await newKey();
    system.idp.down = true;
  });
  afterEach(async () => {
    await system[Symbol.asyncDispose]();
    await receiver[Symbol.asyncDispose]();
    await database[Symbol.asyncDispose]();
  });

  const makeCode = () => makeBreakGlassCode(config, 'the IdP is down', 15);

  async function redeem(code: string, changes: Partial<typeof GOOD> = {}, dpop?: string) {
    const url = system.publicUrl + PATHS.token;
    const { resource, ...form } = { ...GOOD, ...changes };
    const body = { grant_type: BREAK_GLASS_GRANT, code, resource: system.publicUrl + resource, ...form };
    const answer = await fetch(url, {
      method: 'POST',
      headers: { dpop: dpop ?? (await proof(key, { method: 'POST', url })) },
      body: new URLSearchParams(body),
    });
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
  }

  async function probe(token: unknown, path = 'probe', keys = key): Promise<{ status: number; body: unknown }> {
    const url = `${system.publicUrl}/api/v1/${path}`;
    const dpop = await proof(keys, { method: 'GET', url, accessToken: String(token) });
    const answer = await fetch(url, { headers: { authorization: `DPoP ${String(token)}`, dpop } });
    return { status: answer.status, body: await answer.json() };
  }

  async function revoke(token: unknown, client: string = CLIENTS.admin): Promise<number> {
    const form = { token: String(token), token_type_hint: 'access_token', client_id: client };
    const url = system.publicUrl + PATHS.revoke;
    return (await fetch(url, { method: 'POST', body: new URLSearchParams(form) })).status;
  }

  const records = async () =>
    (await system.app.get(AuditService).search({ type: 'auth.break-glass', limit: 10 }, { payloads: true })).entries;
  const refused = { status: 400, body: { error: 'invalid_grant', error_description: 'grant request is invalid' } };

  test('a sign-out ends it on the server, for its own client and by a good token alone', async () => {
    const { body } = await redeem(await makeCode());
    const token = String(body['access_token']);
    const [header, claims] = token.split('.');
    expect(await revoke(token, CLIENTS.bridge)).toBe(200);
    for (const forged of [`${header}.${claims}.AAAA`, `${header}.e30.AAAA`, 'a.b.c'])
      expect(await revoke(forged)).toBe(200);
    expect((await probe(token)).status).toBe(200);
    expect(await revoke(token)).toBe(200);
    expect(await probe(token)).toMatchObject({ status: 401, body: { code: 'session_ended' } });
    expect(await revoke(token)).toBe(200);
  });

  test('with the IdP down a code signs in for its minutes, without a refresh token, and everyone is told', async () => {
    const { status, body } = await redeem(await makeCode());
    expect({ status, body }).toEqual({
      status: 200,
      body: {
        access_token: expect.any(String) as string,
        token_type: 'DPoP',
        expires_in: 900,
        scope: expect.stringContaining('sessions:write') as string,
      },
    });
    expect(await probe(body['access_token'])).toEqual({
      status: 200,
      body: { person: 'break-glass', groups: ['break-glass/operators'] },
    });
    expect((await probe(body['access_token'], 'audited')).status).toBe(403);
    const [used, made] = await records();
    expect(made).toMatchObject({ decision: 'allow', reason: 'the IdP is down' });
    expect(used).toMatchObject({
      decision: 'allow',
      reason: 'the IdP is down',
      address: '127.0.0.1',
      target: made?.target,
    });
    expect(system.app.get(BreakGlassWatch).notes).toEqual([
      expect.stringMatching(/^somebody is signed in by break-glass, past the identity provider until 20/),
    ]);
    const { text } = await system.app.get(Metrics).exposition();
    expect(text).toContain('mcp_sso_break_glass{state="session"} 1');
    await vi.waitFor(() => expect(receiver.received).toHaveLength(2), eventually);
    const told = receiver.received.map(({ body: message }) => JSON.parse(message) as { data: { sentence: string } });
    expect(told.map(({ data }) => data.sentence.replace(/^\S+ /, ''))).toEqual([
      'made a break-glass code on the server’s host: for ten minutes it lets somebody in past the identity provider.',
      expect.stringMatching(/^signed in by break-glass, past the identity provider, until 20/),
    ]);
  });

  test('a code is good once, of several at once too, and only as long as its ten minutes', async () => {
    const code = await makeCode();
    const all = await Promise.all([1, 2, 3].map(() => redeem(code)));
    expect(all.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 400, 400]);
    expect(await redeem(code)).toEqual(refused);
    const late = await makeCode();
    await database.run(`update break_glass_codes set expires_at = ${Date.now()}`);
    expect(await redeem(late)).toEqual(refused);
  });

  test('a code of another installation, a guess and a typo are refused alike, and guesses run out', async () => {
    await using other = await startApplication();
    const foreign = await makeBreakGlassCode(other.app.get<LoadedConfig>(CONFIG), 'another company', 15);
    const mine = await makeCode();
    for (const code of [foreign, 'AAAAA-AAAAA-AAAAA-AAAAA', mine.slice(0, -1), '']) {
      expect((await redeem(code)).status).toBe(400);
    }
    expect((await redeem(mine.toLowerCase().replaceAll('-', ' '))).status).toBe(200);
    const guesses = await Promise.all(Array.from({ length: 10 }, () => redeem('AAAAA-AAAAA-AAAAA-AAAAA')));
    expect(guesses.filter(({ status }) => status === 429).length).toBeGreaterThan(0);
    const good = await makeCode();
    expect(await redeem(good)).toMatchObject({ status: 429, body: { error: 'temporarily_unavailable' } });
    const { text } = await system.app.get(Metrics).exposition();
    expect(text).toMatch(/mcp_sso_break_glass_refusals_total \d/);
  });

  test('a row that somebody wrote into the table, or moved, opens nothing', async () => {
    await makeCode();
    const stolen = 'F'.repeat(20);
    const id = codeId(stolen);
    await database.run(`update break_glass_codes set id = '${id}'`);
    expect((await redeem(stolen)).status).toBe(500);
    expect(await database.query('select id from sessions')).toEqual([]);
  });

  test('a client or a resource that do not belong together get nothing, and the code stays good', async () => {
    const code = await makeCode();
    for (const [changes, error] of [
      [{ client_id: CLIENTS.bridge }, 'invalid_target'],
      [{ resource: PATHS.mcp }, 'invalid_target'],
      [{ resource: '.evil.test/api' }, 'invalid_target'],
      [{ client_id: 'stranger' }, 'invalid_client'],
    ] as const) {
      expect((await redeem(code, changes)).body).toMatchObject({ error });
    }
    const { status, body } = await redeem(code, { client_id: CLIENTS.bridge, resource: PATHS.mcp });
    expect({ status, scope: body['scope'] }).toEqual({ status: 200, scope: 'mcp' });
  });

  test('a code needs a proof of a key, made for this, and the token is worth nothing without that key', async () => {
    const code = await makeCode();
    const url = system.publicUrl + PATHS.token;
    const used = await proof(key, { method: 'POST', url });
    await redeem('AAAAA', {}, used);
    const bad = [
      '',
      used,
      await proof(key, { method: 'GET', url }),
      await proof(key, { method: 'POST', url: `${url}/x` }),
    ];
    for (const dpop of bad) {
      expect((await redeem(code, {}, dpop)).body).toMatchObject({ error: 'invalid_dpop_proof' });
    }
    const { body } = await redeem(code);
    expect((await probe(body['access_token'], 'probe', await newKey())).status).toBe(401);
    const bearer = { authorization: `Bearer ${String(body['access_token'])}` };
    expect((await fetch(`${system.publicUrl}/api/v1/probe`, { headers: bearer })).status).toBe(401);
  });

  test('it ends by its time, and at once by the command on the host, streams included', async () => {
    const { body } = await redeem(await makeCode());
    const left = await makeCode();
    const session = String((await database.query<{ id: string }>('select id from sessions'))[0]?.id);
    const { promise: cut, resolve } = Promise.withResolvers<string>();
    using _call = system.app.get(IdentityService).watch(session, ({ code }) => resolve(code));
    system.app.get(IdentityService).onSessionEnded((id) => resolve(id));
    expect(await endBreakGlass(config)).toEqual({ codes: 1, sessions: 1 });
    expect(['session_ended', session]).toContain(await cut);
    await vi.waitFor(async () => expect((await probe(body['access_token'])).status).toBe(401), eventually);
    expect(await redeem(left)).toEqual(refused);
    expect(await endBreakGlass(config)).toEqual({ codes: 0, sessions: 0 });

    const second = await redeem(await makeCode());
    vi.setSystemTime(Date.now() + 16 * MINUTE);
    expect((await probe(second.body['access_token'])).status).toBe(401);
    vi.useRealTimers();
  });

  test('a code that is being used while it is ended on the host opens nothing, and the end is on record', async () => {
    const breakGlass = system.app.get(BreakGlass);
    const taken = await breakGlass.take(await makeCode(), '192.0.2.1');
    if (!taken) throw new Error('The code is not good.');
    expect(await endBreakGlass(config)).toEqual({ codes: 0, sessions: 0 });
    const where = { clientId: CLIENTS.admin, deviceName: null, address: '192.0.2.1' };
    const person = await breakGlass.person(system.publicUrl);
    await expect(breakGlass.signIn('grant', person, taken, where)).rejects.toMatchObject({ code: 'session_ended' });
    expect(await database.query('select id from sessions where ended_at is null')).toEqual([]);
    expect(await records()).toContainEqual(expect.objectContaining({ reason: 'ended on the server’s host' }));
  });

  test('strangers with many addresses do not shut it', async () => {
    const breakGlass = system.app.get(BreakGlass);
    for (let entry = 0; entry < 1_100; entry += 1) await breakGlass.take('A', `192.0.${entry % 110}.1`);
    await expect(breakGlass.take('A', '192.0.0.1')).rejects.toMatchObject({ code: 'rate_limited' });
    expect((await redeem(await makeCode())).status).toBe(200);
  });

  test('what cannot be put on record opens nothing', async () => {
    const code = await makeCode();
    await database.breakWrites('insert', 'audit_records');
    await expect(makeCode()).rejects.toMatchObject({ code: 'audit_unavailable' });
    expect((await redeem(code)).status).toBe(500);
    await database.mendWrites('audit_records');
    expect(await database.query('select id from sessions where ended_at is null')).toEqual([]);
  });
});
