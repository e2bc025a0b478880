import { expect, test } from 'vitest';
import { acceptingIdp, inspectedClient } from '../../testing/inspected-client.js';
import { inspectProvider } from './inspect-provider.js';

const CLIENT_PLACE = 'at your provider: the credentials of the web client';
const GRANTS_PLACE = 'at your provider: the grant and response types of the web client';

test('what metadata leaves out is no fault', async () => {
  await using idp = await acceptingIdp();
  idp.metadata = {
    response_types_supported: undefined,
    code_challenge_methods_supported: undefined,
    scopes_supported: undefined,
    grant_types_supported: undefined,
    token_endpoint_auth_methods_supported: undefined,
  };
  expect(await inspectProvider(inspectedClient(idp.issuer))).toEqual([]);
});

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
  await using idp = await acceptingIdp();
  idp.metadata = metadata;
  expect(await inspectProvider(inspectedClient(idp.issuer))).toEqual([finding]);
});

test('a scope that proves a fresh sign-in may be unlisted', async () => {
  await using idp = await acceptingIdp();
  const client = inspectedClient(idp.issuer, { freshSignIn: { scope: 'fresh', maxAge: 60 } });
  expect(await inspectProvider(client)).toMatchObject([{ severity: 'warning', key: 'freshSignIn' }]);
  idp.metadata = { scopes_supported: ['openid', 'profile', 'email', 'groups', 'offline_access', 'fresh'] };
  expect(await inspectProvider(client)).toEqual([]);
});

test('a scope that the administrator added may be unlisted', async () => {
  await using idp = await acceptingIdp();
  const client = inspectedClient(idp.issuer, { scopes: ['openid', 'User.Read'] });
  expect(await inspectProvider(client)).toMatchObject([{ severity: 'warning', key: 'scopes' }]);
});

test.each(['jwks_uri', 'token_endpoint'])('nothing goes to a %s without https', async (name) => {
  await using idp = await acceptingIdp();
  idp.metadata = { [name]: 'http://idp.example/somewhere' };
  expect(await inspectProvider(inspectedClient(idp.issuer))).toMatchObject([
    { severity: 'fault', message: `its ${name} is http://idp.example/somewhere, which is not https` },
  ]);
});
