import { readFile } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { decodeJwt } from 'jose';
import * as oidc from 'openid-client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { BREAK_GLASS_GRANT, CLIENTS } from '#shared/api/paths.js';
import { CONFIG } from '../../config/config.module.js';
import type { LoadedConfig } from '../../config/settings.js';
import { StorageService } from '../../storage/storage.service.js';
import { startApplication, type TestApplication } from '../testing/application.js';
import { TestBrowser } from '../testing/browser.js';
import { REDIRECT_URI, TestClient } from '../testing/client.js';

let system: TestApplication;

beforeAll(async () => {
  system = await startApplication();
  system.idp.users.set('alice', { email: 'alice@corp.test', groups: [], active: true });
});
afterAll(() => system[Symbol.asyncDispose]());

async function getWith(
  path: string,
  headers: Record<string, string>,
): Promise<{ status: number; body: string; headers: object }> {
  return new Promise((resolve, reject) => {
    request(`${system.publicUrl}${path}`, { headers }, (response) => {
      let body = '';
      response.on('data', (chunk: Buffer) => (body += chunk.toString()));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body, headers: response.headers }));
    })
      .on('error', reject)
      .end();
  });
}

test('the metadata offers code with PKCE and nothing that is not built', async () => {
  const { body } = await getWith('/.well-known/oauth-authorization-server', {});
  const metadata = JSON.parse(body) as Record<string, unknown>;
  const url = system.publicUrl;
  expect(metadata).toMatchObject({
    issuer: url,
    authorization_endpoint: `${url}/oauth/authorize`,
    token_endpoint: `${url}/oauth/token`,
    revocation_endpoint: `${url}/oauth/revoke`,
    jwks_uri: `${url}/oauth/jwks`,
    response_types_supported: ['code'],
    device_authorization_endpoint: `${url}/oauth/device_authorization`,
    grant_types_supported: [
      'authorization_code',
      'refresh_token',
      'urn:ietf:params:oauth:grant-type:device_code',
      BREAK_GLASS_GRANT,
    ],
    code_challenge_methods_supported: ['S256'],
    token_endpoint_auth_methods_supported: ['none'],
    dpop_signing_alg_values_supported: ['ES256'],
    authorization_response_iss_parameter_supported: true,
  });
  for (const name of ['registration', 'introspection', 'userinfo', 'end_session']) {
    expect(metadata).not.toHaveProperty(`${name}_endpoint`);
  }
});

test('no header moves the issuer', async () => {
  const evil = {
    host: 'evil.test',
    'x-forwarded-host': 'evil.test',
    'x-forwarded-proto': 'https',
    forwarded: 'host=evil.test',
  };
  for (const path of ['/.well-known/oauth-authorization-server', '/.well-known/openid-configuration']) {
    const { status, body } = await getWith(path, evil);
    expect(status).toBe(200);
    expect(body).not.toContain('evil');
    expect(body).toContain(`"issuer":"${system.publicUrl}"`);
  }
  const { body } = await getWith('/.well-known/oauth-protected-resource/mcp', evil);
  expect(body).not.toContain('evil');
});

test.for([
  ['another path', 'http://127.0.0.1:48123/evil'],
  ['a path below', 'http://127.0.0.1:48123/callback/..'],
  ['an encoded slash', 'http://127.0.0.1:48123/callback%2f'],
  ['user information', 'http://127.0.0.1:48123@evil.test/callback'],
  ['user information before loopback', 'http://evil.test@127.0.0.1:48123/callback'],
  ['a look-alike host', 'http://127.0.0.1.evil.test/callback'],
  ['another host', 'https://evil.test/callback'],
  ['a fragment', 'http://127.0.0.1:48123/callback#x'],
  ['a query', 'http://127.0.0.1:48123/callback?x=1'],
  ['https on loopback', 'https://127.0.0.1:48123/callback'],
  ['a scheme of its own', 'javascript:alert(1)'],
] as const)('a redirect_uri with %s gets a page, never a redirect', async ([, redirectUri]) => {
  const client = await TestClient.of(system.publicUrl);
  const url = await client.authorizationUrl({ extra: { redirect_uri: redirectUri } });
  const response = await new TestBrowser().fetch(url);
  expect(response.status).toBe(400);
  expect(response.headers.get('location')).toBeNull();
  expect(response.headers.get('content-security-policy')).toContain("form-action 'none'");
  expect(await response.text()).toContain('invalid_redirect_uri');
});

test('an unknown client gets a page, and what it sent is escaped', async () => {
  const client = await TestClient.of(system.publicUrl);
  const url = await client.authorizationUrl({ extra: { client_id: '<script>' } });
  const response = await new TestBrowser().fetch(url);
  expect(response.status).toBe(400);
  expect(await response.text()).not.toContain('<script');
});

test.for([
  ['no PKCE', { code_challenge: '', code_challenge_method: '' }, 'invalid_request'],
  ['plain PKCE', { code_challenge_method: 'plain' }, 'invalid_request'],
  ['the implicit flow', { response_type: 'token' }, 'unsupported_response_type'],
  ['the API as the bridge', { resource: 'API' }, 'invalid_target'],
  ['a foreign resource', { resource: 'https://evil.test/mcp' }, 'invalid_target'],
  ['a resource with a path trick', { resource: 'MCP/../api' }, 'invalid_target'],
  ['no interaction', { prompt: 'none' }, 'login_required'],
] as const)('an authorization with %s is refused', async ([, parameters, error]) => {
  const client = await TestClient.of(system.publicUrl);
  const url = await client.authorizationUrl();
  for (const [name, value] of Object.entries(parameters)) {
    if (value === '') url.searchParams.delete(name);
    else
      url.searchParams.set(
        name,
        value.replace('API', `${system.publicUrl}/api`).replace('MCP', `${system.publicUrl}/mcp`),
      );
  }
  const { url: end } = await new TestBrowser().open(url, REDIRECT_URI);
  const answer = new URLSearchParams(end.search + end.hash.replace('#', '&'));
  expect(answer.get('error')).toBe(error);
  expect(answer.get('iss')).toBe(system.publicUrl);
});

test('the admin client gets tokens for the API only', async () => {
  const client = await TestClient.of(system.publicUrl, CLIENTS.admin);
  const url = await client.authorizationUrl({ resource: `${system.publicUrl}/mcp`, scope: 'openid mcp' });
  const { url: end } = await new TestBrowser().open(url, REDIRECT_URI);
  expect(end.searchParams.get('error')).toBe('invalid_target');
  const tokens = await client.signIn('alice', { scope: 'openid audit:read mcp' });
  expect(decodeJwt(tokens.access_token)).toMatchObject({ aud: `${system.publicUrl}/api`, scope: 'audit:read' });
});

test('a token for one server is made for that server', async () => {
  const client = await TestClient.of(system.publicUrl);
  const tokens = await client.signIn('alice', { resource: `${system.publicUrl}/mcp/crm` });
  expect(decodeJwt(tokens.access_token).aud).toBe(`${system.publicUrl}/mcp/crm`);
});

test('a code needs its verifier, its key and its first use; a second use ends the session', async () => {
  const client = await TestClient.of(system.publicUrl);
  const callback = await client.toCallback('alice');
  const checks = { expectedState: client.state };
  const wrong = { ...checks, pkceCodeVerifier: oidc.randomPKCECodeVerifier() };
  const bound = { DPoP: client.dpop };
  await expect(
    oidc.authorizationCodeGrant(client.configuration, callback, wrong, undefined, bound),
  ).rejects.toMatchObject({ error: 'invalid_grant' });
  await expect(
    oidc.authorizationCodeGrant(client.configuration, callback, { ...checks, pkceCodeVerifier: client.verifier }),
  ).rejects.toMatchObject({ error: 'invalid_grant' });
  const tokens = await client.redeem(callback);
  await expect(client.redeem(callback)).rejects.toMatchObject({ error: 'invalid_grant' });
  await expect(client.refresh(tokens.refresh_token ?? '')).rejects.toMatchObject({ error: 'invalid_grant' });
});

test('of two exchanges of one code at once, at most one succeeds', async () => {
  const client = await TestClient.of(system.publicUrl);
  const callback = await client.toCallback('alice');
  const results = await Promise.allSettled([client.redeem(callback), client.redeem(callback)]);
  expect(results.filter(({ status }) => status === 'fulfilled').length).toBeLessThanOrEqual(1);
});

test('what is stored shows neither codes nor tokens nor keys', async () => {
  const client = await TestClient.of(system.publicUrl);
  const callback = await client.toCallback('alice');
  const tokens = await client.redeem(callback);
  const { directory } = system.app.get<LoadedConfig>(CONFIG);
  await system.app.get(StorageService).db.selectFrom('sessions').select('id').execute();
  const bytes = Buffer.concat([
    await readFile(join(directory, 'test.db')),
    await readFile(join(directory, 'test.db-wal')).catch(() => Buffer.alloc(0)),
  ]);
  expect(bytes.length).toBeGreaterThan(10_000);
  for (const secret of [callback.searchParams.get('code'), tokens.refresh_token, client.state, '"d":"']) {
    expect(bytes.includes(secret ?? 'absent')).toBe(false);
  }
});
