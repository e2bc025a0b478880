import { generateKeyPairSync } from 'node:crypto';
import { expect, test } from 'vitest';
import { acceptingIdp, CLIENT_SECRET, inspectedClient } from '../../testing/inspected-client.js';
import { ScriptedIdp } from '../../testing/scripted-idp.js';
import { inspectProvider } from './inspect-provider.js';

const CLIENT_PLACE = 'at your provider: the credentials of the web client';

test.each([
  [401, ''],
  [401, '{"error":"invalid_client"}'],
  [400, '{"error":"invalid_client"}'],
  [403, '{"error":"unauthorized_client"}'],
])('credentials refused with %i %s are a fault that says where to click', async (status, body) => {
  await using idp = await ScriptedIdp.start();
  idp.tokenAnswer = { status, body };
  const error = body === '' ? '' : ` ${(JSON.parse(body) as { error: string }).error}`;
  const grant = status === 403 ? ', or allow it the authorization code grant' : '';
  expect(await inspectProvider(inspectedClient(idp.issuer, { preset: 'okta' }))).toEqual([
    {
      severity: 'fault',
      key: 'clientSecret',
      message: `it does not accept our credentials (${status}${error})`,
      fix: `put the secret of the client control-plane behind env:IDP_SECRET, or correct clientId${grant}; in Okta: Applications › your web app › General › Client Credentials`,
    },
  ]);
});

test.each([
  ['400 invalid_request', 400, '{"error":"invalid_request"}'],
  ['503', 503, ''],
  ['302', 302, ''],
  ['200', 200, '{"access_token":"a"}'],
])('a token endpoint that answers %s tells nothing, which is a warning', async (said, status, body) => {
  await using idp = await ScriptedIdp.start();
  idp.tokenAnswer = { status, body };
  expect(await inspectProvider(inspectedClient(idp.issuer))).toEqual([
    {
      severity: 'warning',
      key: 'clientSecret',
      message: `could not tell whether it accepts our credentials: a made-up code was answered with ${said}`,
      fix: `sign in once to be sure; ${CLIENT_PLACE}`,
    },
  ]);
});

test('Glewlwyd’s word for a code that it does not know', async () => {
  await using idp = await ScriptedIdp.start();
  idp.tokenAnswer = { status: 403, body: '{"error":"invalid_code"}' };
  expect(await inspectProvider(inspectedClient(idp.issuer))).toEqual([]);
});

test('a secret that the provider sends back is not shown', async () => {
  await using idp = await ScriptedIdp.start();
  for (const status of [400, 401]) {
    idp.tokenAnswer = { status, body: JSON.stringify({ error: CLIENT_SECRET, error_description: CLIENT_SECRET }) };
    expect(JSON.stringify(await inspectProvider(inspectedClient(idp.issuer)))).not.toContain(CLIENT_SECRET);
  }
});

test('a private key signs the question; one that is none is a fault before anything is sent', async () => {
  await using idp = await acceptingIdp();
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const settings = { privateKey: 'file:./key.pem' };
  expect(await inspectProvider(inspectedClient(idp.issuer, settings, pem))).toEqual([]);
  expect(idp.requests.find(({ path }) => path === '/token')?.form.get('client_assertion')).toMatch(/^eyJ/);
  expect(await inspectProvider(inspectedClient(idp.issuer, settings, CLIENT_SECRET))).toEqual([
    {
      severity: 'fault',
      key: 'privateKey',
      message: 'no private key',
      fix: 'write it as PEM (PKCS #8) or JWK, RSA or EC',
    },
  ]);
  idp.tokenAnswer = { status: 401, body: '' };
  expect(await inspectProvider(inspectedClient(idp.issuer, settings, pem))).toMatchObject([
    { key: 'privateKey', fix: expect.stringContaining('register the public half of this key') as string },
  ]);
});
