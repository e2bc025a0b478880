import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { goOnAt } from '../../audit/testing/go-on-at.js';
import { credentialSettings, type CredentialOf } from '../../config/credential-settings.js';
import { OpenConnections } from './testing/open-connections.js';
import { UpstreamAccount } from './testing/upstream-account.js';

const SECRET = 'a-secret-that-somebody-gave-the-company';
const REDIRECT = 'http://127.0.0.1:1/connect/callback';

let upstream: UpstreamAccount;
beforeEach(async () => {
  const client = {
    client_id: 'broker',
    client_secret: SECRET,
    redirect_uris: [REDIRECT],
    grant_types: ['authorization_code', 'refresh_token'],
    application_type: 'native' as const,
  };
  upstream = await UpstreamAccount.start({ client });
});
afterEach(async () => {
  vi.useRealTimers();
  await upstream[Symbol.asyncDispose]();
});

const open = (more: object) => {
  const credential = { kind: 'oauth', clientId: 'broker', clientSecret: 'env:SECRET', ...more };
  return OpenConnections.create('sqlite', { files: { url: upstream.url, credential } }, { environment: { SECRET } });
};

test('a secret goes to no authorization server that only the MCP server names', async () => {
  await using company = await open({});
  const replica = await company.replica();
  const alice = await replica.person('alice');
  await expect(replica.connect(alice, 'files')).rejects.toMatchObject({ code: 'credential_unavailable' });
  expect(upstream.tokenRequests).toEqual([]);
});

test('nor, once the settings name another one or another client, to the one before', async () => {
  await using company = await open({ issuer: upstream.issuer });
  const replica = await company.replica();
  const alice = await replica.person('alice');
  await replica.connect(alice, 'files');
  goOnAt(Date.now() + 310_000);
  for (const more of [{ issuer: 'https://new.example' }, { issuer: upstream.issuer, clientId: 'other' }]) {
    const changed = { kind: 'oauth', clientId: 'broker', clientSecret: 'env:SECRET', ...more };
    const settings = credentialSettings.parse(changed) as CredentialOf<'oauth'>;
    await expect(replica.token(alice, 'files', { settings })).rejects.toMatchObject({ code: 'credential_unavailable' });
  }
  expect(upstream.tokenRequests).toEqual(['authorization_code']);
  expect(await upstream.takes(await replica.token(alice, 'files'))).toBe(true);
});
