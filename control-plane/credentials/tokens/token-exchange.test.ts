import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { Company } from './testing/company.js';
import { ExchangingServer } from './testing/exchanging-server.js';
import { ScriptedTokenEndpoint } from './testing/scripted-token-endpoint.js';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });
const SECRET = 'secret-of-mcp-sso-at-crm-0123456789';
const TWENTY = Array.from({ length: 20 }, (_, index) => index);

let crm: ExchangingServer;
let scripted: ScriptedTokenEndpoint;
let company: Company;

beforeAll(async () => {
  crm = await ExchangingServer.start(SECRET);
  scripted = await ScriptedTokenEndpoint.start();
  const client = { kind: 'token-exchange', clientId: 'mcp-sso', clientSecret: 'env:CRM' };
  const url = 'https://crm.corp.test/mcp';
  company = await Company.start(
    () => ({
      crm: {
        url,
        credential: { ...client, issuer: crm.issuer, scopes: ['crm:read', 'crm:write'] },
        tools: { look: { effect: 'read', scopes: ['crm:read'] } },
      },
      hr: { url, credential: { ...client, issuer: crm.issuer, subjectToken: 'id-token', resource: 'none' } },
      odd: { url, credential: { ...client, tokenEndpoint: `${scripted.origin}/token`, audience: 'odd-api' } },
    }),
    { CRM: SECRET },
  );
  crm.trust(company.system.idp);
});
afterAll(async () => {
  await company[Symbol.asyncDispose]();
  await crm[Symbol.asyncDispose]();
  await scripted[Symbol.asyncDispose]();
});

test('each person has a token of their own, also of the ID token', async () => {
  for (const login of ['alice', 'bob']) {
    const session = await company.signIn(login);
    const token = await company.token('crm', session);
    expect(await crm.bearer(token)).toEqual({ person: login, scope: 'crm:read crm:write' });
    expect(await crm.bearer(await company.token('hr', session))).toEqual({ person: login, scope: undefined });
    expect(await company.token('crm', session)).toBe(token);
  }
});

test('a tool with scopes gets a token of its own that has no others', async () => {
  const session = await company.signIn('alice');
  const narrow = await company.token('crm', session, 'look');
  expect(await crm.bearer(narrow)).toEqual({ person: 'alice', scope: 'crm:read' });
  expect(await company.token('crm', session)).not.toBe(narrow);
});

test('twenty calls at once, with the IdP’s token run out: one refresh there, one exchange here', async () => {
  const session = await company.signIn('alice');
  await company.runOut(session);
  const [refreshes, exchanges] = [company.system.idp.tokenRequests, crm.exchanges];
  const tokens = await Promise.all(TWENTY.map(() => company.token('crm', session)));
  expect(new Set(tokens).size).toBe(1);
  expect(company.system.idp.tokenRequests).toBe(refreshes + 1);
  expect(crm.exchanges).toBe(exchanges + 1);
});

test('a token that the server refuses is made anew, once for many calls', async () => {
  const session = await company.signIn('alice');
  const refused = await company.resolve('crm', session);
  const exchanges = crm.exchanges;
  const renewed = await Promise.all(TWENTY.map(() => company.renew('crm', session, refused)));
  expect(new Set(renewed.map((one) => one?.headers['authorization'])).size).toBe(1);
  expect(crm.exchanges).toBe(exchanges + 1);
});

test('with its sign-in a token is gone; the person’s other sign-in has its own', async () => {
  const [one, other] = [await company.signIn('alice'), await company.signIn('alice')];
  const [first, second] = [await company.token('crm', one), await company.token('crm', other)];
  expect(first).not.toBe(second);
  await company.sessions.end(one.id, 'signed-out');
  await expect(company.resolve('crm', one)).rejects.toMatchObject({ code: 'session_ended' });
  expect(await company.token('crm', other)).toBe(second);
});

test('a sign-in that ends while a token is asked for gets none', async () => {
  const session = await company.signIn('alice');
  await Promise.all([
    expect(company.resolve('odd', session)).rejects.toMatchObject({ code: 'session_ended' }),
    company.sessions.end(session.id, 'signed-out'),
  ]);
});

test('the session id of somebody who is not there opens nothing', async () => {
  const session = await company.signIn('alice');
  await expect(company.resolve('crm', { ...session, id: 'ses_guessed' })).rejects.toMatchObject({
    code: 'session_ended',
  });
});

test('the request is that of RFC 8693 §2.1', async () => {
  const session = await company.signIn('alice');
  scripted.answer = { body: { ...USABLE, issued_token_type: 'urn:ietf:params:oauth:token-type:jwt' } };
  expect(await company.token('odd', session)).toBe('odd-token-0123456789');
  const { form, headers } = scripted.requests.at(-1)!;
  const { subject_token: subject, ...rest } = form;
  expect(rest).toEqual({
    grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
    requested_token_type: 'urn:ietf:params:oauth:token-type:access_token',
    subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
    audience: 'odd-api',
    resource: 'https://crm.corp.test/mcp',
  });
  expect((await company.system.idp.provider.AccessToken.find(subject ?? ''))?.accountId).toBe('alice');
  expect(headers.authorization).toMatch(/^Basic /);
});

const USABLE = {
  access_token: 'odd-token-0123456789',
  token_type: 'Bearer',
  expires_in: 300,
  issued_token_type: 'urn:ietf:params:oauth:token-type:access_token',
};

test.each([
  ['an ID token', 200, { ...USABLE, issued_token_type: 'urn:ietf:params:oauth:token-type:id_token' }],
  ['a token of a type that is not said', 200, { ...USABLE, issued_token_type: undefined }],
  ['what is no bearer token', 200, { ...USABLE, token_type: 'N_A' }],
  ['a refusal', 400, { error: 'invalid_target', error_description: 'no' }],
])('%s is not sent to the server', async (_, status, body) => {
  const session = await company.signIn('alice');
  scripted.answer = { status, body };
  await expect(company.resolve('odd', session)).rejects.toMatchObject({ code: 'credential_unavailable' });
});

test('a redirect of the token endpoint takes the person’s token nowhere', async () => {
  const session = await company.signIn('alice');
  await using thief = await ScriptedTokenEndpoint.start();
  thief.answer = { body: USABLE };
  for (const status of [301, 302, 307, 308]) {
    scripted.answer = { status, headers: { location: `${thief.origin}/token` }, body: USABLE };
    await expect(company.resolve('odd', session)).rejects.toMatchObject({ code: 'credential_unavailable' });
  }
  expect(thief.requests).toEqual([]);
});

test('no error says anything of the tokens', async () => {
  const session = await company.signIn('alice');
  const stolen = scripted.requests.at(-1)?.form['subject_token'] ?? '';
  scripted.answer = { status: 400, body: { error: 'invalid_request', error_description: `bad token ${stolen}` } };
  const error: unknown = await company.resolve('odd', session).catch((thrown: unknown) => thrown);
  const sent = scripted.requests.at(-1)?.form['subject_token'] ?? 'nothing';
  const said = JSON.stringify([String(error), error]);
  for (const secret of [stolen, sent, SECRET]) expect(said).not.toContain(secret);
});
