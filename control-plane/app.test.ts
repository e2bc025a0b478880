import { mkdtempSync, rmSync } from 'node:fs';
import { connect, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createApp } from './app.js';
import { settingsSchema, type LoadedConfig } from './config/settings.js';
import { Health } from './observability/health.js';

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
    const { headers } = await fetch(base + path);
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('referrer-policy')).toBe('no-referrer');
    expect(headers.get('strict-transport-security')).toBe('max-age=31536000');
    expect(headers.get('content-security-policy')).toBe("default-src 'none'; frame-ancestors 'none'");
  },
);

test('an unknown path is a problem with our code', async () => {
  const response = await fetch(`${base}/nothing-here`, { method: 'DELETE' });
  expect(response.status).toBe(404);
  expect(response.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
  expect(await response.json()).toEqual({ status: 404, code: 'not_found', detail: 'There is nothing here.' });
});

test('a malformed path does not echo itself', async () => {
  const response = await fetch(`${base}/%zz`);
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
  const response = await fetch(`${base}/nothing-here`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
  });
  expect(response.status).toBe(status);
  expect(await response.json()).toMatchObject({ status, code });
});

test('the admin API refuses a stranger, with a challenge', async () => {
  const response = await fetch(`${base}/api/v1/audit`);
  expect(response.status).toBe(401);
  expect(response.headers.get('www-authenticate')).toContain('DPoP');
  expect(await response.json()).toMatchObject({ status: 401, code: 'sign_in_needed' });
});

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
