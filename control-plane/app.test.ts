import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { request, type IncomingMessage } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createApp } from './app.js';
import { settingsSchema, type LoadedConfig } from './config/settings.js';
import { Health } from './observability/health.js';

/** What `fetch` does not send: any name in `Host`, by default the one under which everyone reaches it. */
async function ask(path: string, { method = 'GET', body = '', headers = {} }: Asking = {}): Promise<Response> {
  const { port } = app.getHttpServer().address() as AddressInfo;
  const all = { host: 'mcp.acme.example', ...headers };
  const asked = request({ port, host: '127.0.0.1', path, method, headers: all, agent: false });
  asked.end(body);
  const [answer] = (await once(asked, 'response')) as [IncomingMessage];
  const content = await text(answer);
  return new Response(content, { status: answer.statusCode!, headers: answer.headers as Record<string, string> });
}

interface Asking {
  readonly method?: string;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

let directory: string;
let app: NestFastifyApplication;
let base: string;

function config(): LoadedConfig {
  const settings = settingsSchema.parse({
    publicUrl: 'https://mcp.acme.example',
    logLevel: 'error',
    identity: {
      providers: { okta: { issuer: 'https://acme.okta.com', clientId: 'abc', clientSecret: 'env:SECRET' } },
    },
    servers: { crm: { url: 'http://127.0.0.1:9/mcp' } },
  });
  return { directory, settings, policyFiles: [], masterKey: Buffer.alloc(32, 7), environment: { SECRET: 'abcd' } };
}

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'mcp-sso-app-'));
  app = await createApp(config());
  await app.listen(0, '127.0.0.1');
  base = `http://127.0.0.1:${(app.getHttpServer().address() as AddressInfo).port}`;
});

afterAll(async () => {
  await app.close();
  rmSync(directory, { recursive: true });
});

test.each(['/healthz', '/nothing-here', '/oauth/jwks', '/%zz', '/mcp'])(
  '%s carries the default headers',
  async (path) => {
    const { headers } = await ask(path);
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('referrer-policy')).toBe('no-referrer');
    expect(headers.get('strict-transport-security')).toBe('max-age=31536000');
    expect(headers.get('content-security-policy')).toBe("default-src 'none'; frame-ancestors 'none'");
  },
);

test('an unknown path is a problem with our code', async () => {
  const response = await ask('/nothing-here', { method: 'DELETE' });
  expect(response.status).toBe(404);
  expect(response.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
  expect(await response.json()).toEqual({ status: 404, code: 'not_found', detail: 'There is nothing here.' });
});

test('a malformed path does not echo itself', async () => {
  const response = await ask('/%zz');
  expect(response.status).toBe(400);
  expect(await response.json()).toEqual({
    status: 400,
    code: 'params_invalid',
    detail: 'The address of the request is not valid.',
  });
});

test.each([
  ['not JSON', '{', 400, 'request_unparsable'],
  ['over the limit', JSON.stringify('x'.repeat(262_144)), 413, 'request_too_large'],
])('a body that is %s is refused in our words', async (_, body, status, code) => {
  const response = await ask('/nothing-here', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
  });
  expect(response.status).toBe(status);
  expect(await response.json()).toMatchObject({ status, code });
});

test('the admin API refuses a stranger, with a challenge', async () => {
  const response = await ask('/api/v1/audit');
  expect(response.status).toBe(401);
  expect(response.headers.get('www-authenticate')).toContain('DPoP');
  expect(await response.json()).toMatchObject({ status: 401, code: 'sign_in_needed' });
});

test.each([
  '/api/v1/audit',
  '/.well-known/oauth-protected-resource/mcp',
  '/.well-known/oauth-authorization-server',
  '/oauth/jwks',
  '/auth/callback',
  '/mcpx',
  '/mcp/crm/x',
  '/nothing-here',
])('%s is refused under a name that is not ours', async (path) => {
  for (const host of [new URL(base).host, 'evil.example', 'mcp.acme.example.evil.example', 'mcp.acme.example:80']) {
    const response = await ask(path, { headers: { host } });
    expect([response.status, await response.json()]).toMatchObject([403, { code: 'origin_refused' }]);
  }
  const ours = await ask(path, { headers: { host: 'MCP.acme.example:443' } });
  expect(ours.status).not.toBe(403);
});

test.each(['GET', 'POST', 'DELETE'])(
  '%s /mcp is refused under a foreign name and from a foreign page',
  async (method) => {
    for (const headers of [{ host: 'evil.example' }, { origin: 'https://evil.example' }]) {
      const response = await ask('/mcp/crm', { method, headers });
      expect([response.status, await response.json()]).toMatchObject([
        403,
        { error: { data: { code: 'origin_refused' } } },
      ]);
    }
  },
);

async function ready(): Promise<unknown[]> {
  const response = await fetch(`${base}/readyz`);
  return [response.status, await response.json()];
}

test('readyz follows the life of the process', async () => {
  expect(await ready()).toEqual([503, { ready: false, reason: 'The control plane is starting.' }]);
  app.get(Health).started();
  expect(await ready()).toEqual([200, { ready: true, reason: 'Ready.' }]);
  app.get(Health).stopping();
  expect(await ready()).toEqual([503, { ready: false, reason: 'The control plane is stopping.' }]);
});

test('headers over the limit are refused with their bound, and what is no HTTP with a sentence', async () => {
  const response = await fetch(`${base}/healthz`, { headers: { 'x-large': 'x'.repeat(20_000) } });
  expect(response.status).toBe(431);
  expect(await response.json()).toEqual({
    status: 431,
    code: 'request_too_large',
    detail:
      'The headers of the request are larger than 16384 bytes (limits.headerBytes). Send fewer or shorter headers.',
  });
  const socket = connect(Number(new URL(base).port), '127.0.0.1').end('nonsense\r\n\r\n');
  const answer = await text(socket);
  expect(answer).toMatch(/^HTTP\/1.1 400 Bad Request\r\n/);
  expect(answer).toContain('"code":"request_invalid"');
});
