import { createRemoteJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify, type JWTPayload } from 'jose';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { CLIENTS } from '#shared/api/paths.js';
import type { CredentialOf } from '../../config/credential-settings.js';
import { settingsSchema } from '../../config/settings.js';
import type { Person } from '../../identity/caller.js';
import { KeyRotation } from '../../identity/signing-keys/key-rotation.service.js';
import { startApplication, type TestApplication } from '../../identity/testing/application.js';
import { TestClient } from '../../identity/testing/client.js';
import type { Engine } from '../../storage/engine.js';
import { Notifications } from '../../storage/notifications/notifications.js';
import { onEachEngine } from '../../storage/testing/engines.js';
import { TestDatabase } from '../../storage/testing/test-database.js';
import type { OnBehalf } from '../credential-scope.js';
import { CredentialsModule } from '../credentials.module.js';
import { CredentialsService } from '../credentials.service.js';

const CRM = 'https://crm.acme.example/mcp';
const PERSON: Person = {
  id: 'usr_1',
  provider: 'okta',
  issuer: 'https://acme.okta.com',
  subject: '00u1',
  email: 'alice@acme.example',
  name: 'Alice',
};
const ALICE: OnBehalf = { id: 'ses_1', person: PERSON, groups: ['okta/engineering'], actors: [] };
const REQUEST = { method: 'POST', url: CRM, headers: {}, body: '{}' };
const eventually = { timeout: 30_000, interval: 20 };

const heard = ({ app }: TestApplication) =>
  vi.waitFor(() => expect(app.get(Notifications).current).toBe(true), eventually);

onEachEngine((engine: Engine) => {
  let database: TestDatabase;
  let system: TestApplication;

  beforeAll(async () => {
    database = await TestDatabase.create(engine);
    system = await startApplication({ database: database.location, modules: [CredentialsModule] });
    await heard(system);
  });
  afterEach(() => {
    vi.useRealTimers();
  });
  afterAll(async () => {
    await system[Symbol.asyncDispose]();
    await database[Symbol.asyncDispose]();
  });

  /** What a request of the server carries; and what of it is masked. */
  async function opened(
    settings: Partial<CredentialOf<'user-assertion'>> = {},
    session: OnBehalf = ALICE,
    server = 'crm',
  ): Promise<{ assertion: string; header: string; secrets: readonly string[] }> {
    const credential = { kind: 'user-assertion', ...settings };
    const { servers } = settingsSchema.parse({
      publicUrl: system.publicUrl,
      identity: { providers: {} },
      servers: { [server]: { url: CRM, credential } },
    });
    const injection = await system.app.get(CredentialsService).at(servers).resolve({ server, session });
    expect(injection.headers).toEqual({});
    const [[header, assertion] = ['', '']] = Object.entries(await injection.sign!(REQUEST));
    return { assertion, header, secrets: injection.secrets };
  }

  /** As an MCP server would. */
  const keySet = () =>
    createRemoteJWKSet(new URL(`${system.publicUrl}/.well-known/jwks.json`), { cooldownDuration: 0 });
  const check = async (assertion: string, keys = keySet()): Promise<JWTPayload> => {
    const expected = { issuer: system.publicUrl, audience: CRM, typ: 'mcp-sso-assertion+jwt', algorithms: ['ES256'] };
    return (await jwtVerify(assertion, keys, expected)).payload;
  };
  const rotation = () => system.app.get(KeyRotation);

  test('a server checks who calls by the published keys, also across a rotation and after a leak', async () => {
    const keys = keySet();
    const { assertion, header, secrets } = await opened();
    expect(header).toBe('mcp-sso-assertion');
    expect(secrets).toEqual([assertion]);
    const claims = await check(assertion, keys);
    const { iat = 0 } = claims;
    expect(claims).toEqual({
      iss: system.publicUrl,
      sub: 'usr_1',
      aud: CRM,
      iat,
      nbf: iat,
      exp: iat + 60,
      jti: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });

    const old = decodeProtectedHeader(assertion).kid;
    const next = await rotation().rotate('assertions', { reason: 'test' });
    await database.run("update signing_keys set active_from = active_from - 86400000 where purpose = 'assertions'");
    await system.app.get(Notifications).publish({ topic: 'signing-keys', id: '' }, () => Promise.resolve());
    const kidOf = async () => decodeProtectedHeader((await opened()).assertion).kid;
    await vi.waitFor(async () => expect(await kidOf()).toBe(next.kid), eventually);
    await check((await opened()).assertion, keys);
    await check(assertion, keySet());

    const { kid } = await rotation().replace('assertions', { reason: 'it leaked' });
    await vi.waitFor(async () => expect(await kidOf()).toBe(kid), eventually);
    await check((await opened()).assertion, keySet());
    await expect(check(assertion, keySet())).rejects.toThrow('no applicable key');
    expect([old, next.kid, kid].every((id, at, all) => all.indexOf(id) === at)).toBe(true);
  });

  test('the published keys: public halves, for five minutes, and none of them signs our tokens', async () => {
    const answer = await fetch(`${system.publicUrl}/.well-known/jwks.json`);
    expect(answer.headers.get('cache-control')).toBe('public, max-age=300');
    expect(answer.headers.get('content-type')).toMatch(/^application\/json/);
    const { keys } = (await answer.json()) as { keys: { kid: string }[] };
    expect(keys.map((key) => Object.keys(key).toSorted())).toEqual([['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y']]);
    const tokens = (await (await fetch(`${system.publicUrl}/oauth/jwks`)).json()) as { keys: { kid: string }[] };
    expect(tokens.keys.map(({ kid }) => kid)).not.toContain(keys[0]!.kid);
  });

  test('what it says beside the identifier is what the settings name, and who acts for the person', async () => {
    const session = { ...ALICE, actors: ['build-agent', 'orchestrator'] };
    const settings = { claims: ['email', 'name', 'groups'] as const, audience: 'crm', header: 'X-Who' };
    const { assertion, header } = await opened({ ...settings, claims: [...settings.claims] }, session);
    expect(header).toBe('x-who');
    expect(decodeJwt(assertion)).toMatchObject({
      aud: 'crm',
      email: 'alice@acme.example',
      name: 'Alice',
      groups: ['okta/engineering'],
      act: { sub: 'build-agent', act: { sub: 'orchestrator' } },
    });
  });

  test('one is used for 20 s, for one sign-in at one server, and not beyond a change of the person', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const jti = async (...of: Parameters<typeof opened>) => decodeJwt((await opened(...of)).assertion).jti;
    const own = { ...ALICE, id: 'ses_3' };
    const first = await jti({}, own);
    vi.advanceTimersByTime(19_999);
    expect(await jti({}, own)).toBe(first);
    expect(await jti({}, { ...ALICE, id: 'ses_4' })).not.toBe(first);
    expect(await jti({}, own, 'erp')).not.toBe(first);
    const groups = await opened({ claims: ['groups'] });
    const left = await opened({ claims: ['groups'] }, { ...ALICE, groups: [] });
    expect([groups, left].map(({ assertion }) => decodeJwt(assertion)['groups'])).toEqual([['okta/engineering'], []]);
    vi.advanceTimersByTime(1);
    expect(await jti({}, own)).not.toBe(first);
  });

  test('a request that leaves later carries a new one, and both are masked', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const { servers } = settingsSchema.parse({
      publicUrl: system.publicUrl,
      identity: { providers: {} },
      servers: { crm: { url: CRM, credential: { kind: 'user-assertion' } } },
    });
    const injection = await system.app.get(CredentialsService).at(servers).resolve({ server: 'crm', session: ALICE });
    const first = await injection.sign!(REQUEST);
    vi.advanceTimersByTime(60_000);
    const second = await injection.sign!(REQUEST);
    expect(second).not.toEqual(first);
    expect(injection.secrets).toEqual([...Object.values(second), ...Object.values(first)]);
  });

  test('where nobody has signed in there is nobody to name', async () => {
    await expect(opened({}, { id: 'lock', groups: [] })).rejects.toMatchObject({
      code: 'credential_unavailable',
      detail: expect.stringContaining('nobody has signed in here'),
    });
  });

  test('attack: an assertion opens nothing of ours, and our tokens are no assertions', async () => {
    system.idp.users.set('alice', { groups: [], active: true });
    const client = await TestClient.of(system.publicUrl, CLIENTS.admin);
    const tokens = await client.signIn('alice', { scope: 'openid self' });
    const probe = `${system.publicUrl}/api/v1/probe`;
    for (const audience of [`${system.publicUrl}/api`, `${system.publicUrl}/mcp`, system.publicUrl]) {
      const { assertion } = await opened({ audience });
      for (const scheme of ['Bearer', 'DPoP']) {
        const answer = await fetch(probe, { headers: { authorization: `${scheme} ${assertion}` } });
        expect(answer.status).toBe(401);
      }
      const grants = [
        { grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion },
        {
          grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
          subject_token: assertion,
          subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
        },
      ];
      for (const grant of grants) {
        const body = new URLSearchParams({ ...grant, client_id: CLIENTS.admin });
        const answer = await fetch(`${system.publicUrl}/oauth/token`, { method: 'POST', body });
        expect(answer.status).toBeGreaterThanOrEqual(400);
      }
    }
    for (const token of [tokens.access_token, tokens.id_token ?? '']) {
      await expect(jwtVerify(token, keySet())).rejects.toThrow('no applicable key');
    }
  });
});
