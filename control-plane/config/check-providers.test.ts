import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { providerFindings } from './check-providers.js';
import { faultText } from './fault-text.js';
import { loadConfig } from './load.js';

const OKTA = { issuer: 'https://acme.okta.com', clientId: 'c', clientSecret: 'env:S' };

const fresh = (scope: string, more: object = {}) => ({
  idp: { ...OKTA, ...more, freshSignIn: { scope, maxAge: 60 } },
});

function found(providers: object): string[] {
  return providerFindings({ identity: { providers } }).map(({ path, message }) => `${path.join('.')}: ${message}`);
}

test('one secret or one key is enough, and the way of proving goes with it', () => {
  const { clientSecret: _, ...bare } = OKTA;
  expect(found({ okta: OKTA })).toEqual([]);
  expect(found({ okta: { ...bare, privateKey: 'env:K', clientAuthentication: 'private_key_jwt' } })).toEqual([]);
  expect(found({ okta: bare })).toEqual(['identity.providers.okta.clientSecret: missing']);
  expect(found({ okta: { ...OKTA, privateKey: 'env:K' } })).toEqual([
    'identity.providers.okta.privateKey: both a secret and a key',
  ]);
  expect(found({ okta: { ...OKTA, clientAuthentication: 'private_key_jwt' } })).toEqual([
    'identity.providers.okta.clientAuthentication: does not go with clientSecret',
  ]);
});

test.each(['common', 'organizations', 'consumers', 'Common'])(
  'Entra’s /%s lets in the whole world: refused',
  (tenant) => {
    const issuer = `https://login.microsoftonline.com/${tenant}/v2.0`;
    expect(found({ entra: { ...OKTA, preset: 'entra', issuer } })).toEqual([
      'identity.providers.entra.issuer: this address lets in every tenant of the world',
    ]);
  },
);

test('Google without domains is refused, Microsoft Graph belongs to Entra, a domain to one provider', () => {
  expect(found({ google: { ...OKTA, preset: 'google' } })).toEqual([
    'identity.providers.google.emailDomains: without domains every Google account of the world would get in',
  ]);
  expect(found({ okta: { ...OKTA, microsoftGraph: 'https://graph.microsoft.com' } })).toEqual([
    'identity.providers.okta.microsoftGraph: Microsoft Graph knows people of Entra ID only',
  ]);
  const shared = { ...OKTA, emailDomains: ['acme.example'] };
  expect(found({ okta: shared, other: shared })).toEqual([
    'identity.providers.other.emailDomains.0: the provider okta has this domain already',
  ]);
});

test('a scope that comes with every sign-in proves no fresh one: refused', () => {
  const refused = ['identity.providers.idp.freshSignIn: its scope comes with every sign-in, so it would prove nothing'];
  expect(found(fresh('openid'))).toEqual(refused);
  expect(found(fresh('groups'))).toEqual(refused);
  expect(found(fresh('fresh', { scopes: ['openid', 'fresh'] }))).toEqual(refused);
  expect(found(fresh('fresh', { scopes: ['openid'] }))).toEqual([]);
});

test('a domain at two providers is a fault with its line, also where its letters differ', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'mcp-sso-config-'));
  const client = 'clientId: c, clientSecret: env:S';
  writeFileSync(
    join(directory, 'mcp-sso.yaml'),
    `publicUrl: https://mcp.acme.example
masterKey: env:MASTER
identity:
  providers:
    okta: { issuer: https://acme.okta.com, ${client}, emailDomains: [acme.example] }
    bought: { issuer: https://bought.example, ${client}, emailDomains: [bought.example, acme.example] }
    sold: { issuer: https://sold.example, ${client}, emailDomains: [ACME.example] }
servers:
  crm: { url: https://crm.acme.example/mcp }
`,
  );
  const { faults } = await loadConfig(directory, { S: 's', MASTER: Buffer.alloc(32, 7).toString('hex') });
  rmSync(directory, { recursive: true });
  expect(faults.map(faultText)).toEqual([
    'mcp-sso.yaml:6:112 identity.providers.bought.emailDomains[1]: the provider okta has this domain already → name each domain at one provider only',
    'mcp-sso.yaml:7:92 identity.providers.sold.emailDomains[0]: not a valid value → write a domain in lower case, for example acme.example',
  ]);
});
