import { createHash, createPublicKey, generateKeyPairSync, X509Certificate } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { decodeProtectedHeader, jwtVerify, type KeyObject } from 'jose';
import { expect, test, vi } from 'vitest';
import { clientAuthentication } from './client-authentication.js';
import { waysOf } from './presets.js';
import { providerSettings, type Preset } from '../../config/provider-settings.js';

const ISSUER = 'https://idp.example/tenant';
const SERVER = { issuer: ISSUER, token_endpoint: `${ISSUER}/token` };

/** What a token request would carry. */
async function proof(preset: Preset, privateKey: string): Promise<string> {
  const ways = waysOf(providerSettings.parse({ preset, issuer: ISSUER, clientId: 'cp' }));
  const credential = { authentication: 'private_key_jwt', read: () => Promise.resolve(privateKey) } as const;
  const authenticate = await clientAuthentication(credential, ways);
  const body = new URLSearchParams();
  authenticate(SERVER, { client_id: 'cp' }, body, new Headers());
  await vi.waitFor(() => expect(body.get('client_assertion')).not.toBeNull());
  expect(body.get('client_assertion_type')).toBe('urn:ietf:params:oauth:client-assertion-type:jwt-bearer');
  return body.get('client_assertion') ?? '';
}

async function audienceOf(assertion: string, key: KeyObject): Promise<unknown> {
  const { payload } = await jwtVerify(assertion, key, { issuer: 'cp', subject: 'cp' });
  return payload.aud;
}

test('private_key_jwt with a JWK names the key, and the audience that the provider expects', async () => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const jwk = JSON.stringify({ ...privateKey.export({ format: 'jwk' }), kid: 'key-1' });
  const assertion = await proof('oidc', jwk);
  expect(decodeProtectedHeader(assertion)).toMatchObject({ alg: 'ES256', kid: 'key-1' });
  expect(await audienceOf(assertion, publicKey)).toBe(ISSUER);
  expect(await audienceOf(await proof('okta', jwk), publicKey)).toBe(`${ISSUER}/token`);
});

test('Entra gets PS256 and the thumbprint of the certificate beside the key', async () => {
  const pem = execFileSync(
    'openssl',
    ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', '-', '-subj', '/CN=mcp-sso', '-days', '2'],
    { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] },
  );
  const assertion = await proof('entra', pem);
  const certificate = new X509Certificate(pem.slice(pem.indexOf('-----BEGIN CERTIFICATE')));
  const thumbprint = createHash('sha256').update(certificate.raw).digest('base64url');
  expect(decodeProtectedHeader(assertion)).toMatchObject({ alg: 'PS256', 'x5t#S256': thumbprint });
  expect(await audienceOf(assertion, createPublicKey(pem))).toBe(`${ISSUER}/token`);
});

test.each(['', 'no key', '{"kty":"oct","k":"AA"}'])(
  'a key that is none (%s) is a fault that shows nothing',
  async (text) => {
    await expect(proof('oidc', text)).rejects.toMatchObject({
      code: 'config_invalid',
      message: 'identity.providers.*.privateKey holds no private key: write one as PEM (PKCS #8) or JWK, RSA or EC.',
    });
  },
);
