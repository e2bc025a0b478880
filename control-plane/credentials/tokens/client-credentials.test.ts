import { generateKeyPairSync } from 'node:crypto';
import { decodeJwt } from 'jose';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { ALICE, Broker } from '../testing/broker.js';
import { AuthorizationServer, CRM } from '../testing/authorization-server.js';

const SECRET = 'svc-secret with/odd+characters';
const KEYS = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const ENVIRONMENT = {
  SECRET,
  WRONG: 'another-secret-than-theirs',
  KEY: String(KEYS.privateKey.export({ type: 'pkcs8', format: 'pem' })),
};

let server: AuthorizationServer;
beforeAll(async () => {
  server = await AuthorizationServer.start({
    clients: [
      { client_id: 'svc', client_secret: SECRET, token_endpoint_auth_method: 'client_secret_basic' },
      { client_id: 'svc-narrow', client_secret: SECRET, scope: 'crm:read' },
      {
        client_id: 'svc-key',
        token_endpoint_auth_method: 'private_key_jwt',
        jwks: { keys: [KEYS.publicKey.export({ format: 'jwk' })] },
      },
    ],
  });
});
afterAll(() => server[Symbol.asyncDispose]());
beforeEach(() => void (server.requests.length = 0));
afterEach(() => void vi.useRealTimers());

const credential = (more: object = {}): object => ({
  kind: 'client-credentials',
  issuer: server.issuer,
  clientId: 'svc',
  clientSecret: 'env:SECRET',
  ...more,
});
const open = (more: object = {}, beside: object = {}): Promise<Broker> =>
  Broker.open({ credential: credential(more), ...beside }, ENVIRONMENT);
const claimsOf = ({ headers }: { headers: Readonly<Record<string, string>> }) =>
  decodeJwt(headers['authorization']?.replace('Bearer ', '') ?? '');

test('by a secret: found through the metadata, for the server’s own url', async () => {
  await using broker = await open({ scopes: ['crm:read'] });
  const injection = await broker.resolve();
  const token = injection.headers['authorization']?.replace('Bearer ', '') ?? '';
  expect(injection).toEqual({
    reference: 'crm/client-credentials',
    headers: { authorization: `Bearer ${token}` },
    query: {},
    environment: {},
    files: {},
    secrets: [token],
  });
  expect(decodeJwt(token)).toMatchObject({ iss: server.issuer, aud: CRM, client_id: 'svc', scope: 'crm:read' });
  expect(server.requests).toHaveLength(1);
  expect(server.requests[0]?.authorization).toMatch(/^Basic /);
  expect(Object.fromEntries(server.requests[0]!.form)).toEqual({
    grant_type: 'client_credentials',
    resource: CRM,
    scope: 'crm:read',
  });
});

test('by a key: private_key_jwt', async () => {
  await using broker = await open({ clientId: 'svc-key', clientSecret: undefined, privateKey: 'env:KEY' });
  expect(claimsOf(await broker.resolve())).toMatchObject({ aud: CRM, client_id: 'svc-key' });
  const [request] = server.requests;
  expect(request?.authorization).toBeUndefined();
  expect(decodeJwt(request?.form.get('client_assertion') ?? '')).toMatchObject({ iss: 'svc-key', aud: server.issuer });
});

test('at a fixed endpoint nothing is discovered', async () => {
  await using broker = await open({ issuer: undefined, tokenEndpoint: `${server.issuer}/token` });
  expect(claimsOf(await broker.resolve())).toMatchObject({ aud: CRM });
});

test('resource: none leaves it out; audience goes along', async () => {
  await using broker = await open({ resource: 'none', audience: 'crm' });
  await broker.resolve();
  const { form } = server.requests[0]!;
  expect([form.get('resource'), form.get('audience')]).toEqual([null, 'crm']);
});

test('50 calls at once make one request, later ones none; a refused token makes one more', async () => {
  await using broker = await open();
  const injections = await Promise.all(Array.from({ length: 50 }, () => broker.resolve()));
  expect(new Set(injections.map(({ headers }) => headers['authorization'])).size).toBe(1);
  expect(server.requests).toHaveLength(1);
  const [refused] = injections;
  const renewed = await Promise.all(
    Array.from({ length: 20 }, () => broker.resolver.renew({ server: 'crm', session: ALICE }, refused!)),
  );
  expect(new Set(renewed.map((injection) => injection?.headers['authorization'])).size).toBe(1);
  expect(renewed[0]?.headers['authorization']).not.toBe(refused?.headers['authorization']);
  expect(server.requests).toHaveLength(2);
});

test('a token is used until a minute before it expires', async () => {
  vi.useFakeTimers({ toFake: ['Date'] });
  await using broker = await open();
  const first = await broker.resolve();
  vi.advanceTimersByTime(3_500_000);
  expect(await broker.resolve()).toEqual(first);
  vi.advanceTimersByTime(40_001);
  expect(await broker.resolve()).not.toEqual(first);
  expect(server.requests).toHaveLength(2);
});

test('a tool’s scopes are all that the token of its call has', async () => {
  const tools = { find: { scopes: ['crm:read'] } };
  await using broker = await open({ scopes: ['crm:read', 'crm:write'] }, { tools });
  expect(claimsOf(await broker.resolve('find'))['scope']).toBe('crm:read');
  expect(claimsOf(await broker.resolve('save'))['scope']).toBe('crm:read crm:write');
  expect(claimsOf(await broker.resolve('constructor'))['scope']).toBe('crm:read crm:write');
  expect(claimsOf(await broker.resolve())['scope']).toBe('crm:read crm:write');
  expect(server.requests).toHaveLength(2);
});

test.each([
  [{ clientSecret: 'env:WRONG' }, 'refused: invalid_client (client authentication failed)'],
  [{ clientId: 'svc-narrow', scopes: ['crm:write'] }, 'refused: invalid_scope (requested scope is not allowed)'],
  [{ resource: 'https://other.example/mcp' }, 'refused: invalid_target'],
])('what the server refuses is named: %o', async (more, detail) => {
  await using broker = await open(more);
  await expect(broker.resolve()).rejects.toMatchObject({
    code: 'credential_unavailable',
    message: 'The credential for this server is not available, so the call was refused. Tell your administrator.',
    detail: expect.stringContaining(
      `servers.crm.credential (client-credentials): ${new URL(server.issuer).host} ${detail}`,
    ),
  });
});

test('a refusal is not remembered, and a corrected secret acts on the next call', async () => {
  const environment = { ...ENVIRONMENT, SECRET: 'not-yet-the-right-one' };
  await using broker = await Broker.open({ credential: credential() }, environment);
  await expect(broker.resolve()).rejects.toMatchObject({ code: 'credential_unavailable' });
  environment.SECRET = SECRET;
  expect(claimsOf(await broker.resolve())).toMatchObject({ aud: CRM });
});

test('a hosted server gets the token in its environment, and every call the same', async () => {
  const hosted = { command: ['/bin/true'], env: { MODE: 'plain', KEY: 'env:WRONG' }, shared: true };
  const own = credential({ variable: 'CRM_TOKEN', resource: CRM });
  await using broker = await Broker.open({ ...hosted, credential: own }, ENVIRONMENT);
  const injection = await broker.resolve();
  const token = injection.environment['CRM_TOKEN'] ?? '';
  expect(injection).toEqual({
    reference: 'crm/env+client-credentials',
    headers: {},
    query: {},
    environment: { MODE: 'plain', KEY: ENVIRONMENT.WRONG, CRM_TOKEN: token },
    files: {},
    secrets: [ENVIRONMENT.WRONG, token],
  });
  expect(decodeJwt(token)).toMatchObject({ aud: CRM });
  expect(await broker.resolve('any')).toEqual(injection);
});
