import { inspect } from 'node:util';
import type { ServerResponse } from 'node:http';
import { expect, test } from 'vitest';
import { guardedFetch } from '../../egress/guarded-fetch.js';
import { Broker } from '../testing/broker.js';
import { json, ScriptedEndpoint } from '../testing/scripted-endpoint.js';
import { clientCredentials } from './client-credentials.js';
import { TokenClients } from './token-client.js';

const SECRET = 'hidden-secret-of-ours';
const TOKEN = { access_token: 'hidden-token-of-theirs', token_type: 'Bearer', expires_in: 3600 };

/** Metadata at every well-known address, and a token endpoint that answers as the test says. */
function serverWith(token: (response: ServerResponse, origin: string) => void, metadata: object = {}) {
  return ScriptedEndpoint.start(({ path, headers }, response) => {
    const origin = `http://${headers.host}`;
    if (path === '/token') return token(response, origin);
    json(response, 200, { issuer: origin, token_endpoint: `${origin}/token`, ...metadata });
  });
}

function brokerFor({ origin }: ScriptedEndpoint, more: object = {}, beside: object = {}): Promise<Broker> {
  const credential = {
    kind: 'client-credentials',
    issuer: origin,
    clientId: 'svc',
    clientSecret: 'env:SECRET',
    ...more,
  };
  return Broker.open({ credential, ...beside }, { SECRET });
}

async function failure(endpoint: ScriptedEndpoint, tool?: string, beside: object = {}): Promise<string> {
  await using broker = await brokerFor(endpoint, {}, beside);
  const error = await broker.resolve(tool).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toMatchObject({ code: 'credential_unavailable' });
  expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('hidden');
  const { host } = new URL(endpoint.origin);
  return String((error as { detail?: string }).detail).replace(host, 'HOST');
}

const IT = 'servers.crm.credential (client-credentials): ';

test('the right answer, as a measure of the wrong ones', async () => {
  await using endpoint = await serverWith((response) => json(response, 200, TOKEN));
  await using broker = await brokerFor(endpoint);
  expect((await broker.resolve()).headers).toEqual({ authorization: 'Bearer hidden-token-of-theirs' });
});

test('metadata of another issuer', async () => {
  await using endpoint = await serverWith((response) => json(response, 200, TOKEN), {
    issuer: 'https://elsewhere.example',
  });
  expect(await failure(endpoint)).toBe(
    `${IT}HOST gave no token: discovered metadata issuer does not match the expected issuer`,
  );
  expect(endpoint.heard.map(({ path }) => path)).toEqual(['/.well-known/oauth-authorization-server']);
});

test('metadata that lies where OpenID Connect has it is found too', async () => {
  await using endpoint = await ScriptedEndpoint.start(({ path, headers }, response) => {
    const origin = `http://${headers.host}`;
    if (path === '/token') return json(response, 200, TOKEN);
    if (path.includes('oauth-authorization-server')) return void response.writeHead(302, { location: '/login' }).end();
    json(response, 200, { issuer: origin, token_endpoint: `${origin}/token` });
  });
  await using broker = await brokerFor(endpoint);
  expect((await broker.resolve()).headers).toEqual({ authorization: 'Bearer hidden-token-of-theirs' });
});

test('a token endpoint without https outside of the private networks gets no secret', async () => {
  await using endpoint = await serverWith((response) => json(response, 200, TOKEN), {
    token_endpoint: 'http://93.184.216.34/token',
  });
  expect(await failure(endpoint)).toMatch(
    /^servers\.crm\.credential \(client-credentials\): 93\.184\.216\.34 gave no token/,
  );
});

test.each(['mac', 'DPoP', 'N_A'])('a token of the type %s', async (type) => {
  await using endpoint = await serverWith((response) => json(response, 200, { ...TOKEN, token_type: type }));
  expect(await failure(endpoint)).toMatch(/unsupported operation|the token is not of the type Bearer/);
});

test.each([
  [{ ...TOKEN, access_token: 'hidden\r\nx-evil: 1' }, 'no HTTP header can carry'],
  [{ ...TOKEN, access_token: '' }, 'invalid response encountered'],
  [{ ...TOKEN, expires_in: 'soon' }, 'invalid response encountered'],
  [[TOKEN], 'invalid response encountered'],
])('an answer out of form: %j', async (body, detail) => {
  await using endpoint = await serverWith((response) => json(response, 200, body));
  expect(await failure(endpoint)).toContain(detail);
});

test('an answer that is no JSON: nothing of it is told', async () => {
  await using endpoint = await serverWith((response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).end('hidden-token-of-theirs');
  });
  expect(await failure(endpoint)).toBe(`${IT}HOST gave no token: parsing error occured`);
});

test('nobody there', async () => {
  const endpoint = await serverWith((response) => json(response, 200, TOKEN));
  await endpoint[Symbol.asyncDispose]();
  expect(await failure(endpoint)).toContain('HOST gave no token: connect ECONNREFUSED');
});

test('an answer without end', async () => {
  await using endpoint = await serverWith((response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.write('{"access_token":"');
    const block = 'hidden'.repeat(20_000);
    const more = (): void => void response.write(block, (error) => (error ? undefined : setImmediate(more)));
    more();
  });
  expect(await failure(endpoint)).toContain('the answer has more than 1048576 bytes');
});

test('a redirect is not followed, so the secret goes nowhere else', async () => {
  await using elsewhere = await ScriptedEndpoint.start((_heard, response) => json(response, 200, TOKEN));
  await using endpoint = await serverWith((response) => {
    response.writeHead(307, { location: `${elsewhere.origin}/token` }).end();
  });
  expect(await failure(endpoint)).toBe(`${IT}HOST gave no token: it answered with 307`);
  expect(elsewhere.heard).toEqual([]);
});

test('an answer that never comes', async () => {
  await using endpoint = await serverWith(() => undefined);
  const read = { value: async () => SECRET, content: async () => SECRET, versioned: async () => ({ value: SECRET }) };
  const clients = new TokenClients(read, guardedFetch({ privateNetworks: ['127.0.0.0/8'] }), 0.2);
  const grant = clientCredentials(clients);
  const settings = { url: 'https://crm.acme.example/mcp' };
  const credential = {
    kind: 'client-credentials',
    issuer: endpoint.origin,
    clientId: 'svc',
    clientSecret: 'env:SECRET',
  };
  await expect(grant.ask({ settings, credential } as never, [])).rejects.toThrow('gave no token: operation timed out');
});

test('a refusal is named by its code; its description is bounded, on one line, and without what was sent', async () => {
  const description = `no\n\u202Eclient has ${SECRET}, nor ${'hidden'.repeat(9)} ${'and more '.repeat(99)}`;
  await using endpoint = await serverWith((response) => {
    json(response, 401, { error: 'invalid_client', error_description: description }, { 'www-authenticate': 'Basic' });
  });
  const detail = await failure(endpoint);
  expect(detail).toMatch(
    /^servers\.crm\.credential \(client-credentials\): HOST refused: invalid_client \(noclient has \[redacted\], nor \[…\] and more/,
  );
  expect(detail.length).toBeLessThan(300);
});

test('more scopes than a tool may have', async () => {
  await using endpoint = await serverWith((response) => json(response, 200, { ...TOKEN, scope: 'crm:read crm:admin' }));
  const tools = { find: { scopes: ['crm:read'] } };
  expect(await failure(endpoint, 'find', { tools })).toBe(`${IT}the token may do more than tools.find.scopes allows`);
  await using broker = await brokerFor(endpoint, {}, { tools });
  expect((await broker.resolve('other')).headers).toEqual({ authorization: 'Bearer hidden-token-of-theirs' });
});

test('scopes for a tool of a credential that has none', async () => {
  await using broker = await Broker.open(
    { credential: { kind: 'bearer', secret: 'env:SECRET' }, tools: { find: { scopes: ['crm:read'] } } },
    { SECRET },
  );
  await expect(broker.resolve('find')).rejects.toMatchObject({
    code: 'credential_unavailable',
    detail: 'servers.crm.credential (bearer): it has no scopes for tools.find.scopes to narrow',
  });
});
