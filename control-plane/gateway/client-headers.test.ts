import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { processEnvironment } from '../config/process-environment.js';
import { postModern } from './testing/mcp-post.js';
import { OpenGateway } from './testing/open-gateway.js';
import { openEachWay, WAYS, type Way } from './testing/three-transports.js';
import type { UpstreamServer } from './testing/upstream-server.js';

const POLICIES = '@id("all") @reason("All may.")\npermit(principal, action, resource);';
const HOSTED = join(import.meta.dirname, '..', '..', 'test', 'support', 'hosted-server.mjs');

/** What a client would have an upstream believe; `stolen` tells it wherever it turns up. */
const MADE_UP = {
  cookie: 'sid=stolen; admin=stolen',
  'proxy-authorization': 'Bearer stolen',
  forwarded: 'for=stolen;host=stolen;proto=https',
  'x-forwarded-for': 'stolen',
  'x-forwarded-host': 'stolen',
  'x-forwarded-user': 'stolen',
  'x-forwarded-email': 'stolen',
  'x-forwarded-access-token': 'stolen',
  'x-real-ip': 'stolen',
  'x-amzn-oidc-data': 'stolen',
  'x-amzn-oidc-identity': 'stolen',
  'x-amz-security-token': 'stolen',
  'x-amz-date': 'stolen',
  'mcp-sso-assertion': 'stolen',
  'remote-user': 'stolen',
  'x-remote-user': 'stolen',
  'x-auth-request-user': 'stolen',
  'cf-access-jwt-assertion': 'stolen',
  'teleport-jwt-assertion': 'stolen',
  'x-api-key': 'stolen',
  via: 'stolen',
  referer: 'stolen',
};
/** The one kind that passes, under its own name: copies of arguments, which the server checks. */
const PARAMETERS = {
  'mcp-param-authorization': 'argument',
  'mcp-param-x-api-key': 'argument',
  'mcp-param-cookie': 'argument',
  'mcp-param-mcp-sso-assertion': 'argument',
};
const KEY = 'key-of-the-company';
const CREDENTIALS = {
  none: undefined,
  header: { kind: 'header', name: 'X-Api-Key', secret: 'env:KEY' },
  cookie: { kind: 'cookie', name: 'sid', secret: 'env:KEY' },
  bearer: { kind: 'bearer', secret: 'env:KEY' },
  assertion: { kind: 'user-assertion' },
} as const;
type Kind = keyof typeof CREDENTIALS;

let upstreams: Record<Way, UpstreamServer>;
let gateway: OpenGateway;

beforeAll(async () => {
  upstreams = await openEachWay();
  const servers = WAYS.flatMap((way) =>
    Object.entries(CREDENTIALS).map(([kind, credential]) => {
      const at = { url: upstreams[way].url, ...(way === 'sse' ? { transport: 'sse' } : {}) };
      return [`${way}-${kind}`, { ...at, ...(credential ? { credential } : {}) }] as const;
    }),
  );
  const hosted = { command: [process.execPath, HOSTED, 'legacy'], isolation: 'none', network: 'host' };
  gateway = await OpenGateway.open({
    policies: POLICIES,
    servers: { ...Object.fromEntries(servers), hosted },
    environment: { KEY, PATH: processEnvironment()['PATH'] ?? '' },
  });
});

afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  for (const upstream of Object.values(upstreams)) await upstream[Symbol.asyncDispose]();
});

beforeEach(() => {
  for (const { seen } of Object.values(upstreams)) seen.length = 0;
});

/** The values of a header that a credential brings, in all that the server was sent for one call. */
async function sent(way: Way, kind: Kind, name: string): Promise<unknown[]> {
  const headers = { ...MADE_UP, ...PARAMETERS };
  const url = `${gateway.url}/mcp/${way}-${kind}`;
  const { message } = await postModern(url, 'tools/call', { name: 'get' }, { headers });
  expect(message.result?.content).toEqual([{ type: 'text', text: 'done' }]);
  const { seen } = upstreams[way];
  expect(seen.length).toBeGreaterThan(0);
  expect(JSON.stringify(seen)).not.toContain('stolen');
  expect(JSON.stringify(seen)).not.toContain('alice');
  return [...new Set(seen.map((request) => request.headers[name]))];
}

describe('pitfall 3, passthrough: headers that a client made up', () => {
  describe.each(WAYS)('at a server of the %s way', (way) => {
    test('bring nothing where it has no credential', async () => {
      for (const name of ['authorization', 'cookie', 'x-api-key', 'mcp-sso-assertion']) {
        expect(await sent(way, 'none', name)).toEqual([undefined]);
      }
    });

    test.each([
      ['header', 'x-api-key', KEY],
      ['cookie', 'cookie', `sid=${KEY}`],
      ['bearer', 'authorization', `Bearer ${KEY}`],
    ] as const)('neither replace the %s of the company nor add to it', async (kind, name, value) => {
      expect(await sent(way, kind, name)).toEqual([value]);
    });

    test('are no assertion', async () => {
      const [assertion] = await sent(way, 'assertion', 'mcp-sso-assertion');
      expect(assertion).toMatch(/^eyJ[\w-]+\.eyJ[\w-]+\.[\w-]{86}$/);
    });
  });

  test('pass as copies of arguments under their own names only', async () => {
    await sent('modern', 'header', 'x-api-key');
    const call = upstreams.modern.seen.find(({ message }) => message.method === 'tools/call');
    expect(call?.headers).toMatchObject(PARAMETERS);
  });

  test('reach no environment of a hosted server', async () => {
    const headers = { ...MADE_UP, ...PARAMETERS };
    const environment = await postModern(`${gateway.url}/mcp/hosted`, 'tools/call', { name: 'env' }, { headers });
    expect(environment.text).toContain('PATH');
    expect(environment.text).not.toMatch(/stolen|Bearer|alice/);
  });
});
