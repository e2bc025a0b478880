import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { providerSettings } from '../../../config/provider-settings.js';
import { ScriptedIdp } from '../../testing/scripted-idp.js';
import { clientAuthenticationOf, waysOf } from '../presets.js';
import { inspectProvider, type InspectedClient } from './inspect-provider.js';

const SECRET = 'the-secret-itself';

function clientAt(issuer: string, more: object = {}, credential = SECRET): InspectedClient {
  const own = 'privateKey' in more ? {} : { clientSecret: 'env:IDP_SECRET' };
  const settings = providerSettings.parse({ issuer, clientId: 'control-plane', ...own, ...more });
  return {
    id: 'corp',
    settings,
    ways: waysOf(settings),
    credential: { authentication: clientAuthenticationOf(settings), read: () => Promise.resolve(credential) },
    redirectUri: 'http://127.0.0.1:9/auth/callback',
  };
}

async function knowingIdp(path?: string): Promise<ScriptedIdp> {
  const idp = await ScriptedIdp.start(path);
  idp.tokenAnswer = { status: 400, body: '{"error":"invalid_grant"}' };
  return idp;
}

/** A server that answers everything alike; resolves to its address. */
async function answering(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test('a provider that is as configured: nothing is said, and a made-up code was shown with our credentials', async () => {
  await using idp = await knowingIdp();
  expect(await inspectProvider(clientAt(idp.issuer))).toEqual([]);
  const shown = idp.requests.find(({ path }) => path === '/token')?.form;
  expect(Object.fromEntries(shown ?? [])).toMatchObject({
    grant_type: 'authorization_code',
    code: 'mcp-sso-check',
    client_id: 'control-plane',
    client_secret: SECRET,
    redirect_uri: 'http://127.0.0.1:9/auth/callback',
  });
});

test('what metadata leaves out is no fault', async () => {
  await using idp = await knowingIdp();
  idp.metadata = {
    response_types_supported: undefined,
    code_challenge_methods_supported: undefined,
    scopes_supported: undefined,
    grant_types_supported: undefined,
    token_endpoint_auth_methods_supported: undefined,
  };
  expect(await inspectProvider(clientAt(idp.issuer))).toEqual([]);
});

const CLIENT_PLACE = 'at your provider: the credentials of the web client';
const GRANTS_PLACE = 'at your provider: the grant and response types of the web client';

test.each([
  [
    { code_challenge_methods_supported: ['plain'] },
    {
      severity: 'fault',
      key: '',
      message: 'it does not offer PKCE with S256',
      fix: `allow PKCE with S256; ${GRANTS_PLACE}`,
    },
  ],
  [
    { response_types_supported: ['id_token'] },
    {
      severity: 'fault',
      key: '',
      message: 'it does not offer the response type code',
      fix: `allow the authorization code flow; ${GRANTS_PLACE}`,
    },
  ],
  [
    { token_endpoint_auth_methods_supported: ['client_secret_basic'] },
    {
      severity: 'fault',
      key: 'clientAuthentication',
      message: 'it does not offer client_secret_post',
      fix: `write clientAuthentication: client_secret_basic, and choose the same for the client; ${CLIENT_PLACE}`,
    },
  ],
  [
    { token_endpoint_auth_methods_supported: ['private_key_jwt'] },
    {
      severity: 'fault',
      key: 'clientAuthentication',
      message: 'it does not offer client_secret_post',
      fix: `allow client_secret_post for the client; ${CLIENT_PLACE}`,
    },
  ],
  [
    { scopes_supported: ['openid', 'profile', 'email', 'offline_access'] },
    {
      severity: 'fault',
      key: 'scopes',
      message: 'the scope groups is asked for, but not among those that it lists',
      fix: 'add the scope there, or write scopes: [openid, profile, email, offline_access]; at your provider: the scopes of the web client',
    },
  ],
  [
    { grant_types_supported: ['authorization_code'] },
    {
      severity: 'warning',
      key: '',
      message: 'it does not list the grant type refresh_token; without refresh tokens every sign-in is refused',
      fix: `make sure that the client may have them; ${GRANTS_PLACE}`,
    },
  ],
  [
    { authorization_endpoint: undefined },
    {
      severity: 'fault',
      key: 'issuer',
      message: 'its metadata names no authorization_endpoint',
      fix: 'correct the issuer if it is another service’s; the documentation of your provider says where it shows its issuer',
    },
  ],
])('metadata with %j is one finding', async (metadata, finding) => {
  await using idp = await knowingIdp();
  idp.metadata = metadata;
  expect(await inspectProvider(clientAt(idp.issuer))).toEqual([finding]);
});

test('a scope that the administrator added may be unlisted', async () => {
  await using idp = await knowingIdp();
  const client = clientAt(idp.issuer, { scopes: ['openid', 'User.Read'] });
  expect(await inspectProvider(client)).toMatchObject([{ severity: 'warning', key: 'scopes' }]);
});

test.each(['jwks_uri', 'token_endpoint'])('nothing goes to a %s without https', async (name) => {
  await using idp = await knowingIdp();
  idp.metadata = { [name]: 'http://idp.example/somewhere' };
  expect(await inspectProvider(clientAt(idp.issuer))).toMatchObject([
    { severity: 'fault', message: `its ${name} is http://idp.example/somewhere, which is not https` },
  ]);
});

const ENTRA = 'https://login.microsoftonline.com';

test.each([
  ['', '{origin}/', 'oidc', 'with a slash at the end'],
  ['/realms/acme', '{origin}/realms/other', 'keycloak', 'which is another tenant, or the same written as its id'],
  ['/acme/v2.0', '{origin}/8d2f6b1e/v2.0', 'entra', 'which is another tenant, or the same written as its id'],
  ['/common/v2.0', '{origin}/{tenantid}/v2.0', 'entra', 'which stands for every tenant'],
  [
    '/acme',
    'https://sts.windows.net/8d2f6b1e/',
    'entra',
    'as in version 1 of its tokens; the address of version 2 ends in /v2.0',
  ],
  ['/oauth2/default', '{origin}/oauth2/aus1', 'okta', 'which is another path'],
  ['', `${ENTRA}/acme/v2.0`, 'oidc', 'which is another host'],
  ['', '\u{1b}[31mred', 'oidc', 'which is no address'],
])('at %s an issuer that is called %s (%s) is said in words', async (path, template, preset, difference) => {
  await using idp = await knowingIdp(path);
  const named = template.replace('{origin}', idp.origin);
  idp.metadata = { issuer: named };
  const [finding, ...others] = await inspectProvider(clientAt(idp.issuer, { preset, emailDomains: ['acme.example'] }));
  const printed = named.replaceAll('\u{1b}', '\u{fffd}');
  expect(finding).toMatchObject({
    severity: 'fault',
    key: 'issuer',
    message: `the provider calls itself ${printed}, ${difference}`,
  });
  expect(others).toEqual([]);
  expect(idp.count('/token')).toBe(0);
});

test('an issuer that ends in a slash while the provider’s does not', async () => {
  await using idp = await knowingIdp();
  expect(await inspectProvider(clientAt(`${idp.issuer}/`))).toMatchObject([
    { key: 'issuer', message: `the provider calls itself ${idp.issuer}, without a slash at the end` },
  ]);
});

test.each([
  [401, ''],
  [401, '{"error":"invalid_client"}'],
  [400, '{"error":"invalid_client"}'],
  [403, '{"error":"unauthorized_client"}'],
])('credentials refused with %i %s are a fault that says where to click', async (status, body) => {
  await using idp = await ScriptedIdp.start();
  idp.tokenAnswer = { status, body };
  const error = body === '' ? '' : ` ${/_?(\w+_client)/.exec(body)?.[1]}`;
  expect(await inspectProvider(clientAt(idp.issuer, { preset: 'okta' }))).toEqual([
    {
      severity: 'fault',
      key: 'clientSecret',
      message: `it does not accept our credentials (${status}${error})`,
      fix: 'put the secret of the client control-plane behind env:IDP_SECRET, or correct clientId; in Okta: Applications › your web app › General › Client Credentials',
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
  expect(await inspectProvider(clientAt(idp.issuer))).toEqual([
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
  expect(await inspectProvider(clientAt(idp.issuer))).toEqual([]);
});

test('a secret that the provider sends back is not shown', async () => {
  await using idp = await ScriptedIdp.start();
  for (const status of [400, 401]) {
    idp.tokenAnswer = { status, body: JSON.stringify({ error: SECRET, error_description: SECRET }) };
    expect(JSON.stringify(await inspectProvider(clientAt(idp.issuer)))).not.toContain(SECRET);
  }
});

test('a private key signs the question; one that is none is a fault before anything is sent', async () => {
  await using idp = await knowingIdp();
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const settings = { privateKey: 'file:./key.pem' };
  expect(await inspectProvider(clientAt(idp.issuer, settings, pem))).toEqual([]);
  expect(idp.requests.find(({ path }) => path === '/token')?.form.get('client_assertion')).toMatch(/^eyJ/);
  expect(await inspectProvider(clientAt(idp.issuer, settings, SECRET))).toEqual([
    {
      severity: 'fault',
      key: 'privateKey',
      message: 'no private key',
      fix: 'write it as PEM (PKCS #8) or JWK, RSA or EC',
    },
  ]);
  idp.tokenAnswer = { status: 401, body: '' };
  expect(await inspectProvider(clientAt(idp.issuer, settings, pem))).toMatchObject([
    { key: 'privateKey', fix: expect.stringContaining('register the public half of this key') as string },
  ]);
});

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
  await using idp = await knowingIdp();
  idp.jwksAnswer = answer;
  expect(await inspectProvider(clientAt(idp.issuer))).toMatchObject([
    { severity: 'fault', message: 'none of the keys that it publishes can check a signature' },
  ]);
});

test('keys that cannot be read', async () => {
  await using idp = await knowingIdp();
  idp.jwksAnswer = { status: 500, body: '' };
  expect(await inspectProvider(clientAt(idp.issuer))).toMatchObject([
    { severity: 'fault', message: 'its keys (jwks_uri) cannot be read: answered with 500' },
  ]);
});

test.each([
  [3600, '60 minutes behind'],
  [-3600, '60 minutes ahead of'],
])('a clock that is off by %i seconds', async (ahead, words) => {
  await using idp = await knowingIdp();
  idp.ahead = ahead;
  expect(await inspectProvider(clientAt(idp.issuer))).toEqual([
    {
      severity: 'fault',
      key: '',
      message: `the clock of this machine is ${words} the identity provider corp`,
      fix: 'set this machine’s clock right (NTP), or that of the provider',
    },
  ]);
});

test.each<[string, RequestListener]>([
  ['answered with 404', (_request, response) => void response.writeHead(404).end()],
  [
    'it leads elsewhere, and redirects are not followed',
    (_request, response) => void response.writeHead(302, { location: '/x' }).end(),
  ],
  ['the answer is not JSON', (_request, response) => void response.end('<html>')],
  ['the answer is larger than 256 KiB', (_request, response) => void response.end(' '.repeat(300_000))],
])('metadata that cannot be read: %s', async (reason, listener) => {
  const issuer = await answering(listener);
  expect(await inspectProvider(clientAt(issuer))).toEqual([
    {
      severity: 'fault',
      key: 'issuer',
      message: `the metadata of the provider cannot be read: ${reason}`,
      fix: 'correct the issuer, or let this machine reach it; the documentation of your provider says where it shows its issuer; check --offline does not ask it',
    },
  ]);
});

test('nothing there, and nothing that answers in time', async () => {
  const silent = await answering(() => undefined);
  const gone = await ScriptedIdp.start();
  await gone[Symbol.asyncDispose]();
  expect(await inspectProvider(clientAt(gone.issuer))).toMatchObject([
    { message: 'the metadata of the provider cannot be read: nothing answers there' },
  ]);
  expect(await inspectProvider(clientAt(silent), 50)).toMatchObject([
    { message: 'the metadata of the provider cannot be read: it did not answer in time' },
  ]);
});
