import { createServer, get } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { agentFor } from '../../system/http.js';
import { chooseRoute, exempts } from './route.js';

const MCP = new URL('https://mcp.acme.example');

test.each<[string, Record<string, string>, unknown]>([
  ['nothing', {}, { kind: 'direct' }],
  [
    'a proxy, shown without its password',
    { HTTPS_PROXY: 'http://alice:pa55@proxy.example:8080/path?q=1' },
    { kind: 'proxy', proxy: { shown: 'http://proxy.example:8080', variable: 'HTTPS_PROXY' } },
  ],
  [
    'the variable in lower case first',
    { HTTPS_PROXY: 'http://one.example', https_proxy: 'http://two.example' },
    { kind: 'proxy', proxy: { shown: 'http://two.example', variable: 'https_proxy' } },
  ],
  ['a proxy for http only', { HTTP_PROXY: 'http://proxy.example' }, { kind: 'direct' }],
  ['no address', { HTTPS_PROXY: 'proxy' }, { kind: 'invalid', variable: 'HTTPS_PROXY' }],
  ['SOCKS', { HTTPS_PROXY: 'socks5://proxy.example' }, { kind: 'ignored', variable: 'HTTPS_PROXY', scheme: 'socks5' }],
  [
    'an exemption',
    { HTTPS_PROXY: 'http://proxy.example', NO_PROXY: '.acme.example' },
    { kind: 'direct', exempt: 'HTTPS_PROXY' },
  ],
])('the environment says: %s', (_name, env, route) => {
  expect(chooseRoute(MCP, env)).toMatchObject(route as object);
});

test('loopback never goes to a proxy', () => {
  expect(chooseRoute(new URL('https://localhost:8443'), { HTTPS_PROXY: 'http://proxy.example' })).toEqual({
    kind: 'direct',
  });
});

let asked = 0;
const proxy = createServer((_request, response) => {
  asked += 1;
  response.end();
});
beforeAll(async () => {
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
});
afterAll(() => void proxy.close());

/** Whether a request by the agent of all our requests reaches the proxy. */
async function isProxied(target: URL, noProxy: string): Promise<boolean> {
  const { port } = proxy.address() as AddressInfo;
  const agent = agentFor(target.origin, { HTTP_PROXY: `http://127.0.0.1:${port}`, NO_PROXY: noProxy });
  const before = asked;
  const request = get(target, { agent });
  const ended = Promise.race([
    once(request, 'response').then(([response]: unknown[]) => (response as { resume(): void }).resume()),
    once(request, 'error'),
  ]);
  await ended.catch(() => undefined);
  agent.destroy();
  return asked > before;
}

// Nothing answers at these targets: a request that is exempt fails at once.
test.each([
  ['http://mcp.invalid', 'mcp.invalid'],
  ['http://mcp.invalid', 'MCP.invalid , other.invalid'],
  ['http://mcp.invalid', '.invalid'],
  ['http://invalid', '.invalid'],
  ['http://mcp.invalid', '*.invalid'],
  ['http://mcp.invalid', 'invalid'],
  ['http://mcp.invalid', 'cp.invalid'],
  ['http://mcp.invalid', 'mcp.invalid:80'],
  ['http://mcp.invalid:1', 'mcp.invalid:1'],
  ['http://mcp.invalid:1', 'mcp.invalid:2'],
  ['http://mcp.invalid', '*'],
  ['http://mcp.invalid', ''],
  ['http://127.0.0.9:1', '127.0.0.5-127.0.0.20'],
  ['http://127.0.0.9:1', '127.0.0.10-127.0.0.20'],
  ['http://127.0.0.9:1', '127.0.0.0/8'],
])('%s is exempt by NO_PROXY=%s where Node’s own agent says so', async (address, noProxy) => {
  const target = new URL(address);
  expect(exempts(noProxy, target)).toBe(!(await isProxied(target, noProxy)));
});
