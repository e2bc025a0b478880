import { expect, test } from 'vitest';
import { testProvider } from '../testing/provider.js';
import { CALLBACK_QUERY, LOGIN, ScriptedIdp } from '../testing/scripted-idp.js';
import { failureOf } from './failure.js';
import type { IdentityProvider } from './identity-provider.js';

const TENANT = '8d2f6b1e-0000-4000-8000-000000000001';
const OID = 'b3c0a6de-0000-4000-8000-000000000002';
const ENTRA = { sub: 'pairwise', oid: OID, tid: TENANT, groups: ['g-1'] };

const providerAt = ({ issuer }: ScriptedIdp, more?: object): IdentityProvider => testProvider(issuer, more);
const redeem = (provider: IdentityProvider) => provider.redeem(CALLBACK_QUERY, LOGIN);
const ignore = (): Promise<void> => Promise.resolve();

test('Entra: the person is oid, in the tenant of the issuer only', async () => {
  await using idp = await ScriptedIdp.start(`/${TENANT}/v2.0`);
  const entra = providerAt(idp, { preset: 'entra' });
  idp.claims = ENTRA;
  const { profile } = await redeem(entra);
  expect(profile).toMatchObject({ issuer: idp.issuer, subject: OID, groups: ['corp/g-1'], authTime: null });
  expect((await entra.refresh('r', OID, ignore)).subject).toBe(OID);
  for (const wrong of [{ tid: 'another' }, { tid: undefined }]) {
    idp.claims = { ...ENTRA, ...wrong };
    await expect(redeem(entra)).rejects.toMatchObject({
      code: 'sign_in_failed',
      message: expect.stringContaining('another Entra ID tenant'),
    });
    expect(failureOf(await entra.refresh('r', OID, ignore).catch((error: unknown) => error))).toBe('refused');
  }
  idp.claims = { ...ENTRA, oid: 'someone-else' };
  expect(failureOf(await entra.refresh('r', OID, ignore).catch((error: unknown) => error))).toBe('refused');
  idp.claims = { ...ENTRA, oid: undefined };
  await expect(redeem(entra)).rejects.toMatchObject({ code: 'sign_in_failed' });
});

test('Entra: a person without groups is signed in without asking userinfo, whatever the access token is for', async () => {
  await using idp = await ScriptedIdp.start(`/${TENANT}/v2.0`);
  idp.metadata = { userinfo_endpoint: `${idp.issuer}/userinfo` };
  idp.claims = { ...ENTRA, groups: undefined };
  const entra = providerAt(idp, { preset: 'entra', scopes: ['openid', 'offline_access', 'api://mcp-sso/access'] });
  const { profile, tokens } = await redeem(entra);
  expect(profile.groups).toEqual([]);
  expect(tokens.accessToken.value).toBe('a');
  expect(idp.count('/userinfo')).toBe(0);
});

test('parameters of the settings go along to the provider, and replace none of ours', async () => {
  await using idp = await ScriptedIdp.start();
  const provider = providerAt(idp, { parameters: { audience: 'https://api.corp.test' } });
  const { searchParams } = await provider.authorizationUrl(LOGIN, { again: true });
  expect(searchParams.get('audience')).toBe('https://api.corp.test');
  expect(() => providerAt(idp, { parameters: { state: 'fixed' } })).toThrow('mcp-sso sets this one itself');
});

test.each([
  ['_claim_names', { _claim_names: { groups: 'src1' }, groups: undefined }],
  ['_claim_names beside a truncated list', { _claim_names: { groups: 'src1' }, groups: ['g-1'] }],
  ['hasgroups', { hasgroups: true, groups: undefined }],
])('group overage by %s: no groups, unless the directory is asked', async (_case, marker) => {
  await using idp = await ScriptedIdp.start(`/${TENANT}/v2.0`);
  idp.claims = { ...ENTRA, ...marker };
  idp.memberObjects = { status: 200, body: { value: ['g-1', 'g-201', 7] } };
  expect((await redeem(providerAt(idp, { preset: 'entra' }))).profile.groups).toEqual([]);
  expect(idp.count('/getMemberObjects')).toBe(0);
  const asking = providerAt(idp, { preset: 'entra', microsoftGraph: idp.origin });
  expect((await redeem(asking)).profile.groups).toEqual(['corp/g-1', 'corp/g-201']);
  const graph = idp.requests.find(({ path }) => path.endsWith('/getMemberObjects'));
  expect(graph).toMatchObject({ path: `/v1.0/users/${OID}/getMemberObjects`, authorization: 'Bearer a' });
  const own = idp.requests.find(({ form }) => form.get('grant_type') === 'client_credentials');
  expect(own?.form.get('scope')).toBe(`${idp.origin}/.default`);
});

test('a directory that cannot be asked lets nobody in, and says nothing about the person', async () => {
  await using idp = await ScriptedIdp.start(`/${TENANT}/v2.0`);
  idp.claims = { ...ENTRA, hasgroups: true, groups: ['g-1'] };
  const asking = providerAt(idp, { preset: 'entra', microsoftGraph: idp.origin });
  for (const memberObjects of [
    { status: 403, body: {} },
    { status: 200, body: { value: 'g-1' } },
  ]) {
    idp.memberObjects = memberObjects;
    await expect(redeem(asking)).rejects.toThrow('Microsoft Graph answered');
    expect(failureOf(await asking.refresh('r', OID, ignore).catch((error: unknown) => error))).toBe('unavailable');
  }
});

test('Google: only accounts of the company’s Workspace with a verified address', async () => {
  await using idp = await ScriptedIdp.start();
  const google = providerAt(idp, { preset: 'google', emailDomains: ['acme.example'] });
  const account = { sub: '1', email: 'a@acme.example', email_verified: true, hd: 'acme.example' };
  idp.claims = account;
  expect((await redeem(google)).profile).toMatchObject({ subject: '1', groups: [] });
  const url = await google.authorizationUrl(LOGIN, { again: true });
  expect(Object.fromEntries(url.searchParams)).toMatchObject({
    access_type: 'offline',
    prompt: 'consent',
    scope: 'openid profile email',
  });
  for (const wrong of [
    { hd: undefined },
    { hd: 'evil.example' },
    { email_verified: false },
    { email_verified: 'true' },
  ]) {
    idp.claims = { ...account, ...wrong };
    await expect(redeem(google)).rejects.toThrow('does not belong to your company’s Google Workspace');
  }
});

test('groups with commas are one group, unless the settings say csv', async () => {
  await using idp = await ScriptedIdp.start();
  idp.claims = { sub: 'alice', groups: 'sales, engineering,,' };
  expect((await redeem(providerAt(idp))).profile.groups).toEqual(['corp/sales, engineering,,']);
  const csv = providerAt(idp, { groupsFormat: 'csv' });
  expect((await redeem(csv)).profile.groups).toEqual(['corp/sales', 'corp/engineering']);
});

test('an issuer with a path is found, and its path counts', async () => {
  await using idp = await ScriptedIdp.start('/realms/acme');
  expect((await redeem(providerAt(idp))).profile.issuer).toBe(idp.issuer);
  idp.metadata = { issuer: `${idp.origin}/realms/other` };
  await expect(redeem(providerAt(idp))).rejects.toMatchObject({
    code: expect.stringMatching(/idp_unreachable|sign_in_failed/),
  });
});

test.each([
  ['an empty 400', { status: 400, body: '' }, 'refused'],
  ['an empty 403', { status: 403, body: '' }, 'refused'],
  ['an empty 500', { status: 500, body: '' }, 'unavailable'],
  ['our own credentials', { status: 401, body: '{"error":"invalid_client"}' }, 'unavailable'],
])('a refresh answered with %s', async (_case, answer, failure) => {
  await using idp = await ScriptedIdp.start();
  const provider = providerAt(idp);
  idp.tokenAnswer = answer;
  expect(failureOf(await provider.refresh('r', 'alice', ignore).catch((error: unknown) => error))).toBe(failure);
});
