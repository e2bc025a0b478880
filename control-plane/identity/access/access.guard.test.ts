import { afterAll, beforeAll, expect, test } from 'vitest';
import { CLIENTS } from '#shared/api/paths.js';
import { AuditService } from '../../audit/audit.service.js';
import { startApplication, type TestApplication } from '../testing/application.js';
import { TestClient } from '../testing/client.js';

let system: TestApplication;

beforeAll(async () => {
  system = await startApplication({ groupsIn: 'userinfo' });
  system.idp.users.set('carol', { groups: ['contractors'], active: true });
  system.idp.users.set('dave', { groups: ['security'], active: true });
});
afterAll(() => system[Symbol.asyncDispose]());

async function adminToken(login: string, scope: string) {
  const client = await TestClient.of(system.publicUrl, CLIENTS.admin);
  const { access_token: token } = await client.signIn(login, { scope: `openid ${scope}` });
  return async (path: string) => client.fetch(`${system.publicUrl}/api/v1/${path}`, token);
}

test('a handler that declares no access is denied to everyone', async () => {
  const get = await adminToken('dave', 'self audit:read');
  const answer = await get('forgotten');
  expect(answer.status).toBe(403);
  expect(await answer.text()).not.toContain('never shown');
});

test('without a token the answer says where to get one', async () => {
  const answer = await fetch(`${system.publicUrl}/api/v1/probe`);
  const place = `resource_metadata="${system.publicUrl}/.well-known/oauth-protected-resource/api", scope="self"`;
  expect(answer.status).toBe(401);
  expect(answer.headers.get('date')).not.toBeNull();
  expect(answer.headers.get('www-authenticate')).toBe(`Bearer ${place}, DPoP algs="ES256", ${place}`);
});

test('a role is needed where one is required, and groups from userinfo give it', async () => {
  const carol = await adminToken('carol', 'audit:read');
  const refused = await carol('audited');
  expect(refused.status).toBe(403);
  expect(await refused.json()).toMatchObject({
    code: 'role_missing',
    detail: expect.stringMatching(/^This needs the role auditor, which your account does not have\./),
  });
  const dave = await adminToken('dave', 'audit:read');
  expect((await dave('audited')).status).toBe(200);
  const { entries } = await system.app.get(AuditService).search({ type: 'admin.refused', limit: 10 });
  expect(entries.map(({ client, target, decision }) => [client?.id, target, decision])).toEqual([
    ['mcp-sso-admin', 'GET /api/v1/audited', 'deny'],
  ]);
});

test('a token without the scope is refused, and told which it needs', async () => {
  const dave = await adminToken('dave', 'self');
  const answer = await dave('audited');
  expect(answer.status).toBe(403);
  expect(answer.headers.get('www-authenticate')).toContain('error="insufficient_scope"');
  expect(answer.headers.get('www-authenticate')).toContain('scope="audit:read"');
});

test('the bridge’s token never opens the API', async () => {
  const bridge = await TestClient.of(system.publicUrl);
  const { access_token: token } = await bridge.signIn('dave');
  const answer = await bridge.fetch(`${system.publicUrl}/api/v1/probe`, token);
  expect(answer.status).toBe(401);
  expect(await answer.json()).toMatchObject({ code: 'token_invalid' });
});

test('a token that we did not make is refused', async () => {
  const header = Buffer.from('{"alg":"ES256","typ":"JWT","kid":"idp"}').toString('base64url');
  const answer = await fetch(`${system.publicUrl}/api/v1/probe`, {
    headers: { authorization: `Bearer ${header}.e30.AAAA` },
  });
  expect(answer.status).toBe(401);
});

test('strangers write no record, however often and wherever they ask', async () => {
  const audit = system.app.get(AuditService);
  const before = (await audit.log(0)).headers.length;
  const forged = { authorization: `Bearer ${Buffer.from('{"alg":"none"}').toString('base64url')}.e30.` };
  const body = new URLSearchParams({ grant_type: 'authorization_code', client_id: 'mcp-bridge', code: 'x' });
  const ask = [
    () => fetch(`${system.publicUrl}/api/v1/probe`),
    () => fetch(`${system.publicUrl}/api/v1/audited`, { headers: forged }),
    () => fetch(`${system.publicUrl}/auth/callback?state=x`),
    () => fetch(`${system.publicUrl}/oauth/token`, { method: 'POST', body }),
  ];
  for (let round = 0; round < 10; round += 1) {
    for (const one of ask) expect((await one()).status).toBeGreaterThanOrEqual(400);
  }
  expect((await audit.log(0)).headers).toHaveLength(before);
});
