import { generateKeyPairSync } from 'node:crypto';
import { decodeProtectedHeader, jwtVerify } from 'jose';
import { expect, test } from 'vitest';
import { Broker } from '../testing/broker.js';
import { json, ScriptedEndpoint } from '../testing/scripted-endpoint.js';

/*
 * Not run against GitHub. What the endpoint hears and answers is from "Create an installation access token for an app"
 * (docs.github.com/en/rest/apps/apps#create-an-installation-access-token-for-an-app) and "Generating a JSON Web Token (JWT)
 * for a GitHub App" (docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-json-web-token-jwt-for-a-github-app).
 */
const KEYS = generateKeyPairSync('rsa', { modulusLength: 2048 });
const pem = (type: 'pkcs1' | 'pkcs8'): string => String(KEYS.privateKey.export({ type, format: 'pem' }));
const HOUR = 3_600_000;

interface Request {
  readonly repositories?: readonly string[];
  readonly permissions?: Readonly<Record<string, string>>;
}

/** GitHub's answer: the permissions that were asked for, with metadata, which every token has. */
function answerTo(body: string, count: number): object {
  const { repositories, permissions = { contents: 'write', issues: 'write' } } = JSON.parse(body) as Request;
  return {
    token: `ghs_token-number-${count}`,
    expires_at: new Date(Date.now() + HOUR).toISOString().replace(/\.\d+/, ''),
    permissions: { ...permissions, metadata: 'read' },
    repository_selection: repositories ? 'selected' : 'all',
  };
}

function gitHub() {
  const endpoint = ScriptedEndpoint.start(({ body }, response) => {
    void endpoint.then(({ heard }) => json(response, 201, answerTo(body, heard.length)));
  });
  return endpoint;
}

function brokerFor({ origin }: ScriptedEndpoint, more: object = {}, beside: object = {}, key = pem('pkcs1')) {
  const credential = {
    kind: 'github-app',
    appId: 12345,
    installationId: 678,
    privateKey: 'env:KEY',
    api: origin,
    ...more,
  };
  return Broker.open({ credential, ...beside }, { KEY: key });
}

test.each(['pkcs1', 'pkcs8'] as const)('an installation token, asked for by a key in %s', async (form) => {
  await using endpoint = await gitHub();
  const api = `${endpoint.origin}/api/v3/`;
  await using broker = await brokerFor(
    endpoint,
    { api, repositories: ['website'], scopes: ['contents:read'] },
    {},
    pem(form),
  );
  const injection = await broker.resolve();
  const [request] = endpoint.heard;
  const assertion = request?.headers.authorization?.replace('Bearer ', '') ?? '';
  expect(injection).toMatchObject({
    reference: 'crm/github-app',
    headers: { authorization: 'Bearer ghs_token-number-1' },
    secrets: ['ghs_token-number-1', assertion],
  });
  expect(request).toMatchObject({
    method: 'POST',
    path: '/api/v3/app/installations/678/access_tokens',
    headers: { accept: 'application/vnd.github+json', 'x-github-api-version': '2022-11-28', 'user-agent': 'mcp-sso' },
    body: '{"repositories":["website"],"permissions":{"contents":"read"}}',
  });
  expect(decodeProtectedHeader(assertion)).toMatchObject({ alg: 'RS256' });
  const { payload } = await jwtVerify(assertion, KEYS.publicKey, { issuer: '12345', maxTokenAge: '2m' });
  // At most 10 minutes ahead, and issued a minute ago because of clocks that differ.
  expect(payload.exp! - payload.iat!).toBeLessThanOrEqual(600 + 60);
});

test('one token for all calls at once, another for a tool with fewer permissions', async () => {
  await using endpoint = await gitHub();
  const tools = { get_file: { scopes: ['contents:read'] } };
  await using broker = await brokerFor(endpoint, {}, { tools });
  const all = await Promise.all(Array.from({ length: 50 }, () => broker.resolve('push')));
  expect(new Set(all.map(({ headers }) => headers['authorization']))).toEqual(new Set(['Bearer ghs_token-number-1']));
  expect((await broker.resolve('get_file')).headers).toEqual({ authorization: 'Bearer ghs_token-number-2' });
  expect(endpoint.heard.map(({ body }) => body)).toEqual(['{}', '{"permissions":{"contents":"read"}}']);
});

test('two apps whose installations have the same number at two GitHubs get each their own', async () => {
  await using ours = await gitHub();
  await using theirs = await ScriptedEndpoint.start(({ body }, response) => json(response, 201, answerTo(body, 99)));
  await using one = await brokerFor(ours);
  await using other = await brokerFor(theirs);
  const [first, second] = await Promise.all([one.resolve(), other.resolve()]);
  expect(first.headers).toEqual({ authorization: 'Bearer ghs_token-number-1' });
  expect(second.headers).toEqual({ authorization: 'Bearer ghs_token-number-99' });
});

test.each([
  [401, 'refused: 401; appId and privateKey do not belong together, or the clock is wrong'],
  [404, 'refused: 404; the app has no such installation'],
  [422, 'refused: 422; the installation has not all of these repositories or permissions'],
  [302, 'refused: 302'],
  [503, 'refused: 503'],
])('GitHub answers %i', async (status, detail) => {
  await using endpoint = await ScriptedEndpoint.start((_heard, response) => {
    json(response, status, { message: 'hidden text' }, { location: 'https://elsewhere.example/' });
  });
  await using broker = await brokerFor(endpoint);
  const { host } = new URL(endpoint.origin);
  const error: unknown = await broker.resolve().catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({
    code: 'credential_unavailable',
    detail: expect.stringContaining(`servers.crm.credential (github-app): ${host} ${detail}`),
  });
  expect(JSON.stringify(error)).not.toContain('hidden');
});

test('more permissions than a tool may have', async () => {
  await using endpoint = await ScriptedEndpoint.start((_heard, response) => json(response, 201, answerTo('{}', 1)));
  await using broker = await brokerFor(endpoint, {}, { tools: { get_file: { scopes: ['contents:read'] } } });
  await expect(broker.resolve('get_file')).rejects.toMatchObject({
    detail: 'servers.crm.credential (github-app): the token may do more than tools.get_file.scopes allows',
  });
});

test('a key that is none says what to store', async () => {
  await using endpoint = await gitHub();
  await using broker = await brokerFor(endpoint, {}, {}, '-----BEGIN RSA PRIVATE KEY-----');
  await expect(broker.resolve()).rejects.toMatchObject({
    detail:
      'servers.crm.credential (github-app): privateKey holds no RSA key; store the file that GitHub gave for the app, as it is',
  });
  expect(endpoint.heard).toEqual([]);
});
