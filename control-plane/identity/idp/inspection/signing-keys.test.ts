import { generateKeyPairSync } from 'node:crypto';
import { expect, test } from 'vitest';
import { acceptingIdp, inspectedClient } from '../../testing/inspected-client.js';
import { inspectProvider } from './inspect-provider.js';

const weakRsa = generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey.export({ format: 'jwk' });
const forEncryption = {
  ...generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'jwk' }),
  use: 'enc',
};

test.each([
  ['no key', { status: 200, body: { keys: [] } }],
  ['a shared secret', { status: 200, body: { keys: [{ kty: 'oct', k: 'AA' }] } }],
  ['a short key', { status: 200, body: { keys: [weakRsa] } }],
  ['a key that encrypts', { status: 200, body: { keys: [forEncryption] } }],
  ['half a key', { status: 200, body: { keys: [{ kty: 'EC', crv: 'P-256', x: 'AA' }] } }],
  ['no set', { status: 200, body: [] }],
])('keys: %s', async (_case, answer) => {
  await using idp = await acceptingIdp();
  idp.jwksAnswer = answer;
  expect(await inspectProvider(inspectedClient(idp.issuer))).toMatchObject([
    { severity: 'fault', message: 'none of the keys that it publishes can check a signature' },
  ]);
});

test('keys that cannot be read', async () => {
  await using idp = await acceptingIdp();
  idp.jwksAnswer = { status: 500, body: '' };
  expect(await inspectProvider(inspectedClient(idp.issuer))).toMatchObject([
    { severity: 'fault', message: 'its keys (jwks_uri) cannot be read: answered with 500' },
  ]);
});
