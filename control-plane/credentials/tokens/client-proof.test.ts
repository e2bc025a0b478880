import { generateKeyPairSync } from 'node:crypto';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import * as oidc from 'openid-client';
import { expect, test } from 'vitest';
import { Broker } from '../testing/broker.js';
import { keyProof } from './client-proof.js';
import { json, ScriptedEndpoint } from '../testing/scripted-endpoint.js';

const BASIC = `Basic ${Buffer.from('svc:s%3AcretOfOurs').toString('base64')}`;
const TOKEN = { access_token: 'token-of-theirs', token_type: 'Bearer' };

/** An authorization server that takes secrets in the form only, whatever its metadata says. */
function serverOf(metadata: object) {
  return ScriptedEndpoint.start(({ path, headers, body }, response) => {
    const origin = `http://${headers.host}`;
    if (path !== '/token')
      return json(response, 200, {
        issuer: origin,
        token_endpoint: `${origin}/token`,
        response_types_supported: [],
        ...metadata,
      });
    if (new URLSearchParams(body).get('client_secret') === 's:cretOfOurs') return json(response, 200, TOKEN);
    json(response, 401, { error: 'invalid_client' }, { 'www-authenticate': 'Basic realm="token"' });
  });
}

/** How each request to the token endpoint proved who we are. */
async function proofs(endpoint: ScriptedEndpoint, settings: object): Promise<(string | undefined)[]> {
  const credential = { kind: 'client-credentials', clientId: 'svc', clientSecret: 'env:SECRET', ...settings };
  await using broker = await Broker.open({ credential }, { SECRET: 's:cretOfOurs' });
  await broker.resolve().catch(() => undefined);
  const asked = endpoint.heard.filter(({ path }) => path === '/token');
  return asked.map(({ headers, body }) => headers.authorization ?? (body.includes('client_secret=') ? 'post' : 'none'));
}

test.each([
  [{}, [BASIC]],
  [{ token_endpoint_auth_methods_supported: ['client_secret_basic', 'private_key_jwt'] }, [BASIC]],
  [{ token_endpoint_auth_methods_supported: ['client_secret_post'] }, ['post']],
  [{ token_endpoint_auth_methods_supported: ['client_secret_post', 'client_secret_basic'] }, [BASIC, 'post']],
  [{ token_endpoint_auth_methods_supported: ['private_key_jwt'] }, []],
])('with the metadata %j', async (metadata, expected) => {
  await using endpoint = await serverOf(metadata);
  expect(await proofs(endpoint, { issuer: endpoint.origin })).toEqual(expected);
});

test('at a fixed endpoint, of which nothing is known, both are tried', async () => {
  await using endpoint = await serverOf({});
  expect(await proofs(endpoint, { tokenEndpoint: `${endpoint.origin}/token` })).toEqual([BASIC, 'post']);
});

test('a refusal of the request is not tried again with another proof', async () => {
  await using endpoint = await ScriptedEndpoint.start((_heard, response) => {
    json(response, 400, { error: 'invalid_scope' });
  });
  expect(await proofs(endpoint, { tokenEndpoint: `${endpoint.origin}/token` })).toEqual([BASIC]);
});

/*
 * Not run against Microsoft: "Microsoft identity platform application authentication certificate credentials"
 * (learn.microsoft.com/en-us/entra/identity-platform/certificate-credentials) asks for PS256 and the token endpoint.
 */
test.each([
  [
    'https://login.microsoftonline.com/tenant/oauth2/v2.0/token',
    'PS256',
    'https://login.microsoftonline.com/tenant/oauth2/v2.0/token',
  ],
  ['https://login.acme.example/token', 'RS256', 'https://login.acme.example'],
])('the assertion for %s', async (endpoint, alg, audience) => {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const server = { issuer: new URL(endpoint).origin, token_endpoint: endpoint };
  const proof = await keyProof(String(privateKey.export({ type: 'pkcs8', format: 'pem' })), server);
  const client = new oidc.Configuration(server, 'svc', undefined, proof);
  let assertion = '';
  client[oidc.customFetch] = async (_url, { body }) => {
    assertion = body instanceof URLSearchParams ? (body.get('client_assertion') ?? '') : '';
    return Response.json(TOKEN);
  };
  await oidc.clientCredentialsGrant(client);
  expect(decodeProtectedHeader(assertion).alg).toBe(alg);
  expect(decodeJwt(assertion)).toMatchObject({ iss: 'svc', sub: 'svc', aud: audience });
});
