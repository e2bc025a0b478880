import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { Company } from './testing/company.js';
import { ScriptedTokenEndpoint } from './testing/scripted-token-endpoint.js';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });
const SECRET = 'secret-of-mcp-sso-at-entra-0123456789';

let entra: ScriptedTokenEndpoint;
let company: Company;

beforeAll(async () => {
  entra = await ScriptedTokenEndpoint.start();
  company = await Company.start(
    () => ({
      graph: {
        url: 'https://graph.corp.test/mcp',
        credential: {
          kind: 'on-behalf-of',
          tokenEndpoint: `${entra.origin}/tenant/oauth2/v2.0/token`,
          clientId: '11111111-2222-3333-4444-555555555555',
          clientSecret: 'env:ENTRA',
          scopes: ['https://graph.corp.test/.default'],
        },
        tools: { mail: { effect: 'read', scopes: ['https://graph.corp.test/Mail.Read'] } },
      },
    }),
    { ENTRA: SECRET },
  );
});
afterAll(async () => {
  await company[Symbol.asyncDispose]();
  await entra[Symbol.asyncDispose]();
});

test('the request is the one that Microsoft documents; not run against Entra ID', async () => {
  const session = await company.signIn('alice');
  expect(await company.token('graph', session)).toBe('scripted-token');
  const { path, form } = entra.requests.at(-1)!;
  const { assertion, ...rest } = form;
  expect(path).toBe('/tenant/oauth2/v2.0/token');
  expect(rest).toMatchObject({
    grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
    scope: 'https://graph.corp.test/.default',
    requested_token_use: 'on_behalf_of',
  });
  expect((await company.system.idp.provider.AccessToken.find(assertion ?? ''))?.accountId).toBe('alice');
});

test('a tool with scopes asks for those alone', async () => {
  const session = await company.signIn('alice');
  await company.token('graph', session, 'mail');
  expect(entra.requests.at(-1)?.form['scope']).toBe('https://graph.corp.test/Mail.Read');
});

test('where the provider wants the person again, they are told so', async () => {
  const session = await company.signIn('alice');
  entra.answer = {
    status: 400,
    body: { error: 'interaction_required', error_description: 'AADSTS50076: use multi-factor authentication' },
  };
  await expect(company.resolve('graph', session)).rejects.toMatchObject({
    code: 'credential_unavailable',
    message: expect.stringContaining('Sign in again'),
  });
  entra.answer = { status: 400, body: { error: 'invalid_grant', error_description: 'AADSTS50013' } };
  await expect(company.resolve('graph', session)).rejects.toMatchObject({
    code: 'credential_unavailable',
    message: expect.stringContaining('Tell your administrator'),
  });
});
