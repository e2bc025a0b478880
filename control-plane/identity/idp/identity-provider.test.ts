import { expect, test } from 'vitest';
import { AuditService } from '../../audit/audit.service.js';
import { startApplication } from '../testing/application.js';
import { REDIRECT_URI, TestClient } from '../testing/client.js';
import { TestIdp } from '../testing/idp.js';
import { testProvider } from '../testing/provider.js';

const secrets = { state: 's', nonce: 'n', verifier: 'v'.repeat(43) };

test('a sign-in for which the IdP gives no refresh token is refused, and says what the admin must do', async () => {
  await using system = await startApplication({ refreshTokens: false });
  system.idp.users.set('alice', { groups: [], active: true });
  const client = await TestClient.of(system.publicUrl);
  const page = await client.toConfirmPage('alice');
  expect(page.status).toBe(403);
  expect(page.text).toContain('gave no refresh token');
  expect(page.text).toContain('offline_access');
  const { entries } = await system.app.get(AuditService).search({ type: 'auth.refused', limit: 1 });
  expect(entries).toHaveLength(1);
});

test('while the IdP is down the server is up and says so, and recovers by itself', async () => {
  await using system = await startApplication();
  system.idp.users.set('alice', { groups: [], active: true });
  system.idp.down = true;
  const client = await TestClient.of(system.publicUrl);
  const page = await client.browser.open(await client.authorizationUrl(), REDIRECT_URI);
  expect(page.status).toBe(503);
  expect(page.text).toContain('idp_unreachable');
  system.idp.down = false;
  await expect.poll(() => client.toConfirmPage('alice').then(({ status }) => status), { timeout: 5000 }).toBe(200);
});

test('a provider that calls itself otherwise than configured is refused', async () => {
  const idp = await TestIdp.start({ redirectUri: 'http://127.0.0.1:9/auth/callback' });
  try {
    await expect(testProvider(`${idp.issuer}/`).authorizationUrl(secrets, { again: false })).rejects.toMatchObject({
      code: 'sign_in_failed',
      message: expect.stringContaining(`calls itself ${idp.issuer},`),
    });
  } finally {
    await idp.close();
  }
});

test('plain http is accepted on loopback only', async () => {
  await expect(testProvider('http://idp.corp.test').authorizationUrl(secrets, { again: false })).rejects.toMatchObject({
    code: 'sign_in_failed',
    message: expect.stringContaining('without https'),
  });
});
