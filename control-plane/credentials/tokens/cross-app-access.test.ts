import { generateKeyPairSync } from 'node:crypto';
import { exchangeJwtAuthGrant, requestJwtAuthorizationGrant } from '@modelcontextprotocol/client';
import { decodeProtectedHeader } from 'jose';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { freePort } from '../../../demo/stack/ports.js';
import type { Caller, Session } from '../../identity/caller.js';
import { IdentityService } from '../../identity/identity.service.js';
import { SubjectTokens } from '../../identity/subject-tokens.js';
import { startApplication, type TestApplication } from '../../identity/testing/application.js';
import { IDP_CLIENT } from '../../identity/testing/idp.js';
import { Company } from './testing/company.js';
import { ScriptedTokenEndpoint } from './testing/scripted-token-endpoint.js';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });
const SECRET = 'secret-of-mcp-sso-at-the-other-0123456789';
const BROKER = 'mcp-sso-broker';
const KEYED = 'mcp-sso-with-a-key';
const TWENTY = Array.from({ length: 20 }, (_, index) => index);
const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });

/** An authorization server that says of itself what a test wants. */
let scripted: ScriptedTokenEndpoint;
let company: Company;
/** Another control plane: it takes identity assertions for its own MCP resource. */
let other: TestApplication;

beforeAll(async () => {
  scripted = await ScriptedTokenEndpoint.start();
  const port = await freePort();
  const issuer = `http://127.0.0.1:${port}`;
  const url = `${issuer}/mcp`;
  const kind = { kind: 'cross-app-access', clientId: BROKER, clientSecret: 'env:OTHER', scopes: ['mcp'] };
  const keyed = { kind: 'cross-app-access', clientId: KEYED, privateKey: 'env:KEY', scopes: ['mcp'] };
  company = await Company.start(
    () => ({
      set: { url, credential: { ...kind, issuer } },
      found: { url, credential: keyed },
      secretly: { url: `${scripted.origin}/mcp`, credential: kind },
      mistaken: { url, credential: { ...kind, issuer: scripted.origin } },
    }),
    { OTHER: SECRET, KEY: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() },
  );
  other = await startApplication({
    port,
    idp: company.system.idp,
    environment: { OTHER: SECRET, KEY: publicKey.export({ type: 'spki', format: 'pem' }).toString() },
    provider: {
      identityAssertions: {
        clients: { [BROKER]: { clientSecret: 'env:OTHER' }, [KEYED]: { publicKey: 'env:KEY' } },
      },
    },
  });
  company.asserting.clients.set(issuer, BROKER);
});
afterAll(async () => {
  await company[Symbol.asyncDispose]();
  await other[Symbol.asyncDispose]();
  await scripted[Symbol.asyncDispose]();
});
afterEach(() => {
  company.asserting.lie = {};
  company.asserting.clients.set(other.publicUrl, BROKER);
});

async function callerOf(token: string): Promise<Caller> {
  const url = `${other.publicUrl}/mcp`;
  const identity = other.app.get(IdentityService, { strict: false });
  return identity.identify({
    method: 'POST',
    url,
    authorization: [`Bearer ${token}`],
    dpop: [],
    audiences: [url],
  });
}

/** The code of the error that a call ends with. */
const refusal = (server: string, session: Session): Promise<unknown> =>
  company.resolve(server, session).then(
    () => 'opened',
    (error: { readonly code?: unknown }) => error.code,
  );

test('each person gets in at the other company’s server as themselves', async () => {
  for (const login of ['alice', 'bob']) {
    const session = await company.signIn(login);
    const { session: there, scopes } = await callerOf(await company.token('set', session));
    expect(there.person).toMatchObject({ subject: login, issuer: company.system.idp.issuer });
    expect(scopes).toEqual(['mcp']);
  }
});

test('the authorization server is found by what the server publishes', async () => {
  company.asserting.clients.set(other.publicUrl, KEYED);
  const { session } = await callerOf(await company.token('found', await company.signIn('alice')));
  expect(session).toMatchObject({ clientId: KEYED, person: { subject: 'alice' } });
});

test('twenty calls at once, with the IdP’s token run out: one refresh, one assertion, one token', async () => {
  const session = await company.signIn('alice');
  await company.runOut(session);
  const [refreshes, asserted] = [company.system.idp.tokenRequests, company.asserting.requests.length];
  const tokens = await Promise.all(TWENTY.map(() => company.token('set', session)));
  expect(new Set(tokens).size).toBe(1);
  expect(company.asserting.requests.length).toBe(asserted + 1);
  expect(company.system.idp.tokenRequests).toBe(refreshes + 2);
});

test('an assertion is used once: a refused token comes by a new one, and a replay is refused', async () => {
  const session = await company.signIn('alice');
  const first = await company.resolve('set', session);
  const assertion = first.secrets.find((secret) => decodeProtectedHeader(secret).typ === 'oauth-id-jag+jwt');
  const again = { tokenEndpoint: `${other.publicUrl}/oauth/token`, clientId: BROKER, clientSecret: SECRET };
  await expect(exchangeJwtAuthGrant({ ...again, jwtAuthGrant: assertion ?? '' })).rejects.toThrow('invalid_grant');
  const renewed = await company.renew('set', session, first);
  expect(renewed?.headers['authorization']).not.toBe(first.headers['authorization']);
});

test('the requests are those that the SDK makes', async () => {
  const session = await company.signIn('alice');
  const { value: idToken } = await company.system.app
    .get(SubjectTokens, { strict: false })
    .subjectToken(session.id, 'id-token');
  await company.token('set', session);
  const ours = company.asserting.requests.at(-1);
  const { jwtAuthGrant } = await requestJwtAuthorizationGrant({
    tokenEndpoint: `${company.system.idp.issuer}/token`,
    audience: other.publicUrl,
    resource: `${other.publicUrl}/mcp`,
    idToken,
    clientId: IDP_CLIENT.id,
    clientSecret: IDP_CLIENT.secret,
    scope: 'mcp',
  });
  expect(company.asserting.requests.at(-1)).toEqual(ours);
  const tokens = await exchangeJwtAuthGrant({
    tokenEndpoint: `${other.publicUrl}/oauth/token`,
    jwtAuthGrant,
    clientId: BROKER,
    clientSecret: SECRET,
  });
  expect((await callerOf(tokens.access_token)).session.person.subject).toBe('alice');
});

test.each([
  ['another person', { claims: { sub: 'bob' } }],
  ['another authorization server', { claims: { aud: 'https://evil.test' } }],
  ['another client', { claims: { client_id: 'somebody' } }],
  ['a type of another token', { header: { typ: 'JWT' } }],
  ['an access token', { answer: { issued_token_type: 'urn:ietf:params:oauth:token-type:access_token' } }],
  ['a bearer token', { answer: { token_type: 'Bearer' } }],
])('an IdP that asserts %s: nothing of it is sent on', async (_, lie) => {
  const session = await company.signIn('alice');
  company.asserting.lie = lie;
  expect(await refusal('set', session)).toBe('credential_unavailable');
});

test('a secret goes to nobody whom only the server names, and no assertion is made for them', async () => {
  const session = await company.signIn('alice');
  const asserted = company.asserting.requests.length;
  expect(await refusal('secretly', session)).toBe('credential_unavailable');
  expect(scripted.requests).toEqual([]);
  expect(company.asserting.requests.length).toBe(asserted);
});

test('an authorization server that names another issuer, or takes no assertions, gets none', async () => {
  const session = await company.signIn('alice');
  const asserted = company.asserting.requests.length;
  const token_endpoint = `${scripted.origin}/token`;
  scripted.answer = { body: { issuer: other.publicUrl, token_endpoint } };
  expect(await refusal('mistaken', session)).toBe('credential_unavailable');
  scripted.answer = {
    body: { issuer: scripted.origin, token_endpoint, grant_types_supported: ['authorization_code'] },
  };
  expect(await refusal('mistaken', session)).toBe('credential_unavailable');
  expect(company.asserting.requests.length).toBe(asserted);
  expect(scripted.requests.some(({ path }) => path === '/token')).toBe(false);
});

test('a sign-in that has ended gets no assertion', async () => {
  const session = await company.signIn('alice');
  await company.token('set', session);
  await company.sessions.end(session.id, 'signed-out');
  const asserted = company.asserting.requests.length;
  await expect(company.resolve('set', session)).rejects.toMatchObject({ code: 'session_ended' });
  expect(company.asserting.requests.length).toBe(asserted);
});
