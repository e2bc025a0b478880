import { createRemoteJWKSet, jwtVerify } from 'jose';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { verified } from '../credentials/testing/aws-signature.js';
import { LegacyClient } from './testing/legacy-client.js';
import { postModern } from './testing/mcp-post.js';
import { OpenGateway } from './testing/open-gateway.js';
import { openEachWay, WAYS, type Way } from './testing/three-transports.js';
import type { SeenRequest, UpstreamServer } from './testing/upstream-server.js';

const POLICIES = '@id("all") @reason("All may.")\npermit(principal, action, resource);';
const SECRET = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY';
const TOKEN = 'session-token-of-the-company';
const QUERY = 'stage=a%20b&x=1';
const eventually = { timeout: 20_000, interval: 20 };

/** What each way takes, from the first question to the end of the session. */
const EXPECTED: Readonly<Record<Way, readonly string[]>> = {
  modern: ['POST server/discover', 'POST subscriptions/listen', 'POST tools/call', 'POST tools/list'],
  legacy: [
    'DELETE ',
    'GET ',
    'POST initialize',
    'POST notifications/initialized',
    'POST tools/call',
    'POST tools/list',
  ],
  sse: ['GET ', 'POST initialize', 'POST notifications/initialized', 'POST tools/call', 'POST tools/list'],
};

/** Of the hop alone, or changed by proxies. */
const UNSIGNED = new Set(['accept-encoding', 'authorization', 'cache-control', 'connection', 'content-length']);

let upstreams: Record<Way, UpstreamServer>;
let gateway: OpenGateway;

beforeAll(async () => {
  upstreams = await openEachWay();
  const aws = {
    kind: 'aws-sigv4',
    region: 'eu-central-1',
    service: 'execute-api',
    accessKeyId: 'env:ID',
    secretAccessKey: 'env:SECRET',
    sessionToken: 'env:TOKEN',
  };
  const servers = WAYS.flatMap((way) => {
    const at = { url: `${upstreams[way].url}?${QUERY}`, ...(way === 'sse' ? { transport: 'sse' } : {}) };
    const who = { kind: 'user-assertion', claims: ['groups'], audience: `who-${way}` };
    return [
      [`aws-${way}`, { ...at, credential: aws }],
      [`who-${way}`, { ...at, credential: who }],
    ] as const;
  });
  gateway = await OpenGateway.open({
    policies: POLICIES,
    servers: Object.fromEntries(servers),
    environment: { ID: 'AKIDEXAMPLE', SECRET, TOKEN },
  });
});

afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  for (const upstream of Object.values(upstreams)) await upstream[Symbol.asyncDispose]();
});

beforeEach(() => {
  for (const { seen } of Object.values(upstreams)) seen.length = 0;
});

/** A client that lists, calls, listens and ends its session; what the server was sent until then. */
async function everythingSent(server: string, way: Way): Promise<readonly SeenRequest[]> {
  const { seen } = upstreams[way];
  const client = await LegacyClient.open(`${gateway.url}/mcp/${server}`);
  await client.ask('tools/list');
  const answer = (await client.ask('tools/call', { name: 'get', arguments: { q: 'größe' } })).at(-1);
  expect(answer?.result).toMatchObject({ content: [{ text: 'done' }] });
  const stream = await client.listen(() => undefined);
  const sent = (): string[] => seen.map(({ httpMethod, message }) => `${httpMethod} ${message.method ?? ''}`);
  const listening = way === 'modern' ? 'POST subscriptions/listen' : 'GET ';
  await vi.waitFor(() => expect(sent()).toContain(listening), eventually);
  stream.abort();
  await client.end();
  await vi.waitFor(
    () => expect([...new Set(sent())].toSorted()).toEqual(expect.arrayContaining([...EXPECTED[way]])),
    eventually,
  );
  return seen;
}

test.each(WAYS)('AWS: every request of the %s way is signed over what arrived', async (way) => {
  for (const { httpMethod, url, headers, text } of await everythingSent(`aws-${way}`, way)) {
    const found = verified({ method: httpMethod, target: url, headers, body: text }, SECRET);
    expect(found, `${httpMethod} ${url}`).toMatchObject({
      keyId: 'AKIDEXAMPLE',
      region: 'eu-central-1',
      service: 'execute-api',
    });
    expect(Object.keys(headers).filter((name) => !found?.signed.includes(name) && !UNSIGNED.has(name))).toEqual([]);
    expect(headers['x-amz-security-token']).toBe(TOKEN);
  }
});

test.each(WAYS)('an assertion: every request of the %s way names the person', async (way) => {
  const keys = createRemoteJWKSet(new URL(`${gateway.url}/.well-known/jwks.json`));
  for (const { headers } of await everythingSent(`who-${way}`, way)) {
    const assertion = String(headers['mcp-sso-assertion']);
    const { payload } = await jwtVerify(assertion, keys, { issuer: gateway.url, audience: `who-${way}` });
    expect(payload).toMatchObject({ sub: 'usr_alice', groups: ['idp/engineering'] });
  }
});

test('each person is named as themselves', async () => {
  for (const as of ['alice', 'bob']) {
    await postModern(`${gateway.url}/mcp/who-modern`, 'tools/call', { name: 'get' }, { as });
  }
  const calls = upstreams.modern.seen.filter(({ message }) => message.method === 'tools/call');
  const subjects = calls.map(({ headers }) => {
    const [, payload = ''] = String(headers['mcp-sso-assertion']).split('.');
    return (JSON.parse(Buffer.from(payload, 'base64url').toString()) as { sub: string }).sub;
  });
  expect(subjects).toEqual(['usr_alice', 'usr_bob']);
});
