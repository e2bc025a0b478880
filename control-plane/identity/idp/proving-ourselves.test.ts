import { generateKeyPairSync } from 'node:crypto';
import { expect, test } from 'vitest';
import { startApplication } from '../testing/application.js';
import { REDIRECT_URI, TestClient } from '../testing/client.js';

const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const OURS = privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
const ANOTHER = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  .privateKey.export({ format: 'pem', type: 'pkcs8' })
  .toString();

function withKey(key: string, preset: string) {
  return startApplication({
    registration: {
      token_endpoint_auth_method: 'private_key_jwt',
      token_endpoint_auth_signing_alg: 'ES256',
      jwks: { keys: [{ ...publicKey.export({ format: 'jwk' }), kty: 'EC', use: 'sig' }] },
    },
    provider: { preset, clientSecret: undefined, privateKey: 'env:IDP_KEY' },
    environment: { IDP_KEY: key },
  });
}

test.each(['oidc', 'okta'])(
  'a real server takes our assertion (RFC 7523), whose audience is as %s wants it',
  async (preset) => {
    await using system = await withKey(OURS, preset);
    system.idp.users.set('alice', { groups: ['staff'], active: true });
    const client = await TestClient.of(system.publicUrl);
    expect((await client.signIn('alice')).expires_in).toBe(300);
    expect(system.idp.tokenRequests).toBe(1);
  },
);

test('an assertion of another key is refused, and nobody gets in', async () => {
  await using system = await withKey(ANOTHER, 'oidc');
  system.idp.users.set('alice', { groups: ['staff'], active: true });
  const client = await TestClient.of(system.publicUrl);
  const page = await client.toConfirmPage('alice');
  expect(page.status).toBe(403);
  expect(page.url.href.startsWith(REDIRECT_URI)).toBe(false);
});

test('a real server takes client_secret_basic, whose secret is percent-encoded (RFC 6749 §2.3.1)', async () => {
  await using system = await startApplication({
    registration: { token_endpoint_auth_method: 'client_secret_basic' },
    provider: { clientAuthentication: 'client_secret_basic' },
  });
  system.idp.users.set('alice', { groups: ['staff'], active: true });
  const client = await TestClient.of(system.publicUrl);
  expect((await client.signIn('alice')).expires_in).toBe(300);
});
