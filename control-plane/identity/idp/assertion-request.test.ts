import { UnsecuredJWT, SignJWT, generateSecret } from 'jose';
import { expect, test } from 'vitest';
import { assertionOf, assertionRequest, type AssertionAim } from './assertion-request.js';

const NOW = 1_800_000_000_000;
const ID_JAG = 'urn:ietf:params:oauth:token-type:id-jag';
const AIM: AssertionAim = {
  audience: 'https://login.crm.example',
  resource: 'https://crm.example/mcp',
  scopes: ['crm:read', 'crm:write'],
  clientId: 'mcp-sso-at-crm',
};
const CLAIMS = {
  sub: 'alice',
  aud: AIM.audience,
  client_id: AIM.clientId,
  resource: AIM.resource,
  exp: NOW / 1000 + 300,
};
const SECRET = await generateSecret('HS256');

async function assertion(claims: object = {}, header: object = {}): Promise<string> {
  return new SignJWT({ ...CLAIMS, ...claims })
    .setProtectedHeader({ alg: 'HS256', typ: 'oauth-id-jag+jwt', ...header })
    .sign(SECRET);
}

async function read(claims: object = {}, answer: object = {}, header: object = {}, subject: string | null = 'alice') {
  const token = await assertion(claims, header);
  const whole = { access_token: token, issued_token_type: ID_JAG, token_type: 'n_a', ...answer };
  return assertionOf(whole, AIM, subject ?? undefined, NOW);
}

test('the request names who it is for, and the ID token', () => {
  expect(assertionRequest('id-token', AIM)).toEqual({
    requested_token_type: ID_JAG,
    audience: 'https://login.crm.example',
    resource: 'https://crm.example/mcp',
    scope: 'crm:read crm:write',
    subject_token: 'id-token',
    subject_token_type: 'urn:ietf:params:oauth:token-type:id_token',
  });
  const bare = { ...AIM, resource: undefined, scopes: [] };
  expect(Object.keys(assertionRequest('id-token', bare))).toEqual([
    'requested_token_type',
    'audience',
    'subject_token',
    'subject_token_type',
  ]);
});

test('the assertion is taken as it is', async () => {
  expect((await read()).expiresAt).toBe(NOW + 300_000);
  expect((await read({ resource: undefined })).expiresAt).toBe(NOW + 300_000);
  expect((await read({ exp: undefined }, { expires_in: 120 })).expiresAt).toBe(NOW + 120_000);
  expect((await read({ sub: 'pairwise-4711' }, {}, {}, null)).expiresAt).toBe(NOW + 300_000);
});

test.each([
  ['another person', { sub: 'bob' }, {}, {}, 'the assertion speaks of another person'],
  [
    'another authorization server',
    { aud: 'https://evil.example' },
    {},
    {},
    'the assertion is for another authorization server',
  ],
  [
    'another client',
    { client_id: 'other' },
    {},
    {},
    'the assertion is for another client_id than that of the settings',
  ],
  ['another resource', { resource: 'https://hr.example/mcp' }, {}, {}, 'the assertion is for another resource'],
  ['one that has expired', { exp: NOW / 1000 }, {}, {}, 'the assertion has expired'],
  ['a token of another typ', {}, {}, { typ: 'at+jwt' }, 'the typ of the assertion is not oauth-id-jag+jwt'],
  ['a bearer token', {}, { token_type: 'bearer' }, {}, 'the token_type of the assertion is not N_A'],
  [
    'another type of token',
    {},
    { issued_token_type: 'urn:ietf:params:oauth:token-type:access_token' },
    {},
    'it gave a token of another type than id-jag',
  ],
  ['a type that is not said', {}, { issued_token_type: undefined }, {}, 'it gave a token of another type than id-jag'],
])('%s is refused', async (_, claims, answer, header, message) => {
  await expect(read(claims, answer, header)).rejects.toThrow(message);
});

test('what is no assertion at all is refused', async () => {
  const opaque = { access_token: 'opaque', issued_token_type: ID_JAG, token_type: 'n_a' };
  expect(() => assertionOf(opaque, AIM, 'alice', NOW)).toThrow(TypeError);
  const access_token = new UnsecuredJWT(CLAIMS).encode();
  expect(() => assertionOf({ ...opaque, access_token }, AIM, 'alice', NOW)).toThrow('the typ of the assertion');
});
