import { expect, test } from 'vitest';
import { acceptingIdp, inspectedClient } from '../../testing/inspected-client.js';
import { inspectProvider } from './inspect-provider.js';

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
  await using idp = await acceptingIdp(path);
  const named = template.replace('{origin}', idp.origin);
  idp.metadata = { issuer: named };
  const [finding, ...others] = await inspectProvider(
    inspectedClient(idp.issuer, { preset, emailDomains: ['acme.example'] }),
  );
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
  await using idp = await acceptingIdp();
  expect(await inspectProvider(inspectedClient(`${idp.issuer}/`))).toMatchObject([
    { key: 'issuer', message: `the provider calls itself ${idp.issuer}, without a slash at the end` },
  ]);
});
