import { decodeJwt, generateKeyPair, SignJWT, UnsecuredJWT, type JWTPayload } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { CLIENTS } from '#shared/api/paths.js';
import { startApplication, type TestApplication } from '../../control-plane/identity/testing/application.js';
import type { Page } from '../../control-plane/identity/testing/browser.js';
import { REDIRECT_URI, TestClient } from '../../control-plane/identity/testing/client.js';
import { testProvider } from '../../control-plane/identity/testing/provider.js';
import { FIRST_KEY, HostileIdp } from '../support/hostile-idp.js';

const now = (): number => Math.floor(Date.now() / 1000);
const answerOf = (idp: HostileIdp): string => `?code=c&state=s&iss=${encodeURIComponent(idp.issuer)}`;
let corp: HostileIdp;
let acquired: HostileIdp;
let system: TestApplication;

beforeAll(async () => {
  [corp, acquired] = await Promise.all([HostileIdp.start(), HostileIdp.start()]);
  const client = { clientId: 'control-plane', clientSecret: 'env:IDP_SECRET' };
  const providers = {
    corp: { ...client, issuer: corp.issuer },
    acquired: { ...client, issuer: acquired.issuer },
  };
  system = await startApplication({ settings: { identity: { providers } }, roles: { auditor: ['corp/security'] } });
});
afterAll(async () => {
  await system[Symbol.asyncDispose]();
  await Promise.all([corp, acquired].map((idp) => idp[Symbol.asyncDispose]()));
});
beforeEach(() => {
  for (const idp of [corp, acquired])
    Object.assign(idp, { claims: {}, kid: undefined, forge: undefined, answer: () => undefined });
});

/** A person who chose one of the two providers, up to the page that the control plane then shows. */
async function arrive(provider = 'corp', client: string = CLIENTS.bridge): Promise<{ page: Page; by: TestClient }> {
  const by = await TestClient.of(system.publicUrl, client);
  const scope = client === CLIENTS.admin ? 'openid self audit:read' : 'openid mcp';
  const choose = await by.browser.open(await by.authorizationUrl({ scope }), REDIRECT_URI);
  return { page: await by.browser.open(`${choose.url.href}?provider=${provider}`, REDIRECT_URI), by };
}

async function signIn(provider = 'corp', client: string = CLIENTS.bridge) {
  const { page, by } = await arrive(provider, client);
  expect(page.url.pathname).toMatch(/\/confirm$/);
  const { url } = await by.browser.submit(page, { decision: 'approve' }, REDIRECT_URI);
  return { tokens: await by.redeem(url), by };
}

async function personOf(provider: string, claims: object): Promise<unknown> {
  (provider === 'corp' ? corp : acquired).claims = { ...claims };
  return decodeJwt((await signIn(provider)).tokens.access_token).sub;
}

/** What the API answers a new sign-in with these claims; 0 where it does not come so far. */
async function auditorBy(provider: string, claims: object): Promise<number> {
  (provider === 'corp' ? corp : acquired).claims = { ...claims };
  const { page, by } = await arrive(provider, CLIENTS.admin);
  if (!page.url.pathname.endsWith('/confirm')) return 0;
  const { url } = await by.browser.submit(page, { decision: 'approve' }, REDIRECT_URI);
  const { access_token: token } = await by.redeem(url);
  return (await by.fetch(`${system.publicUrl}/api/v1/audited`, token)).status;
}

describe('pitfall 1, mix-up', () => {
  it.each<[string, (query: URLSearchParams) => void]>([
    ['of another issuer', (query) => query.set('iss', acquired.issuer)],
    ['of an issuer that differs by a slash', (query) => query.set('iss', `${corp.issuer}/`)],
    ['without the issuer that the provider promises', (query) => query.delete('iss')],
    ['with two issuers', (query) => query.append('iss', acquired.issuer)],
    [
      'of another issuer, which says that the person refused',
      (query) => {
        query.delete('code');
        query.set('error', 'access_denied');
        query.set('iss', acquired.issuer);
      },
    ],
  ])('an answer %s is refused before a code leaves', async (_name, change) => {
    corp.answer = change;
    const before = corp.tokenRequests;
    const { page } = await arrive();
    expect([page.url.pathname, page.status]).toEqual(['/auth/callback', 403]);
    expect(corp.tokenRequests).toBe(before);
  });

  it('a code of one provider never goes to another, whose sign-in this is', async () => {
    acquired.answer = (query) => query.set('iss', corp.issuer);
    const before = [corp.tokenRequests, acquired.tokenRequests];
    const { page } = await arrive('acquired');
    expect(page.status).toBe(403);
    expect([corp.tokenRequests, acquired.tokenRequests]).toEqual(before);
  });
});

describe('pitfall 2, issuer', () => {
  const secrets = { state: 's', nonce: 'n', verifier: 'v'.repeat(43) };
  it.each<[string, (issuer: string) => string]>([
    ['another', () => 'https://evil.example'],
    ['one with a slash behind it', (issuer) => `${issuer}/`],
    ['one with a path', (issuer) => `${issuer}/common`],
    ['the template of all tenants', (issuer) => `${issuer}/{tenantid}/v2.0`],
  ])('a provider whose metadata names %s is refused', async (_name, named) => {
    await using idp = await HostileIdp.start();
    idp.metadata = { issuer: named(idp.issuer) };
    await expect(testProvider(idp.issuer).authorizationUrl(secrets, { again: false })).rejects.toMatchObject({
      code: expect.stringMatching(/^(sign_in_failed|idp_unreachable)$/),
    });
  });

  it.each<[string, () => object]>([
    ['names another issuer', () => ({ iss: acquired.issuer })],
    ['names the issuer with a slash', () => ({ iss: `${corp.issuer}/` })],
    ['is for another client', () => ({ aud: 'another' })],
    ['answers another request', () => ({ nonce: 'another' })],
    ['names nobody', () => ({ sub: undefined })],
  ])('an ID token that %s signs nobody in', async (_name, claims) => {
    corp.claims = { ...claims() };
    const { page } = await arrive();
    expect([page.url.pathname, page.status]).toEqual(['/auth/callback', 403]);
  });
});

describe('pitfall 10, algorithms of the identity provider’s tokens', () => {
  const header = { kid: FIRST_KEY, typ: 'JWT' };
  const secret = new TextEncoder().encode('idp-secret_with.odd~characters-0123456789');
  it.each<[string, (claims: JWTPayload) => string | Promise<string>]>([
    ['without a signature', (claims) => new UnsecuredJWT(claims).encode()],
    [
      'signed with the client’s secret',
      (claims) => new SignJWT(claims).setProtectedHeader({ ...header, alg: 'HS256' }).sign(secret),
    ],
    [
      'signed with another key under the same id',
      async (claims) => {
        const { privateKey } = await generateKeyPair('ES256');
        return new SignJWT(claims).setProtectedHeader({ ...header, alg: 'ES256' }).sign(privateKey);
      },
    ],
    [
      'whose signature was cut off',
      async (claims) => {
        const { privateKey } = await generateKeyPair('ES256');
        const token = await new SignJWT(claims).setProtectedHeader({ ...header, alg: 'ES256' }).sign(privateKey);
        return token.replace(/[^.]+$/, '');
      },
    ],
  ])('an ID token %s signs nobody in', async (_name, forge) => {
    corp.forge = forge;
    const { page } = await arrive();
    expect([page.url.pathname, page.status]).toEqual(['/auth/callback', 403]);
  });
});

describe('pitfall 11, keys of the identity provider', () => {
  const secrets = { state: 's', nonce: 'n', verifier: 'v'.repeat(43) };
  const claims = { nonce: 'n' };

  it('350 tokens with unknown key ids make it fetch the keys once', async () => {
    await using idp = await HostileIdp.start();
    idp.claims = claims;
    const provider = testProvider(idp.issuer);
    // The clock stands, so that a slow machine does not reach the end of the pause between two fetches.
    vi.useFakeTimers({ toFake: ['Date'] });
    try {
      for (let token = 0; token < 350; token += 1) {
        idp.kid = `unknown-${token}`;
        await expect(provider.redeem(answerOf(idp), secrets)).rejects.toThrow('no applicable key');
      }
    } finally {
      vi.useRealTimers();
    }
    expect([idp.tokenRequests, idp.keyRequests]).toEqual([350, 1]);
  });

  it('a key that was replaced is taken up within 30 seconds, and no refresh token is lost over it', async () => {
    await using idp = await HostileIdp.start();
    idp.claims = claims;
    const provider = testProvider(idp.issuer);
    const { refreshToken } = await provider.redeem(answerOf(idp), secrets);
    let kept = refreshToken ?? '';
    const refresh = () =>
      provider.refresh(kept, 'alice', async (rotated) => {
        kept = rotated;
      });
    await idp.rotateKey();
    await refresh().catch(() => undefined);
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 30_500 });
    try {
      await expect(refresh()).resolves.toMatchObject({ subject: 'alice' });
    } finally {
      vi.useRealTimers();
    }
  });
});

describe('pitfall 12, clocks', () => {
  it.each<[string, () => object]>([
    ['that ended ten minutes ago', () => ({ iat: now() - 900, exp: now() - 600 })],
    ['that was made in ten minutes', () => ({ iat: now() + 600, exp: now() + 900 })],
    ['that is not good before ten minutes from now', () => ({ nbf: now() + 600 })],
    ['without an end', () => ({ exp: undefined })],
  ])('an ID token %s signs nobody in', async (_name, claims) => {
    corp.claims = { ...claims() };
    const { page } = await arrive();
    expect([page.url.pathname, page.status]).toEqual(['/auth/callback', 403]);
  });

  it.each([-20, 20])('a provider whose clock is %i seconds off is let in', async (off) => {
    corp.claims = { iat: now() + off, nbf: now() + off, exp: now() + off + 10, auth_time: now() + off };
    expect((await signIn()).tokens.token_type).toBe('dpop');
  });
});

describe('pitfall 22, people by their e-mail address', () => {
  const mail = { email: 'alice@corp.example', email_verified: true };
  it('the same address and the same subject at two providers are two people', async () => {
    const one = await personOf('corp', { sub: 'alice', ...mail });
    expect(await personOf('acquired', { sub: 'alice', ...mail })).not.toBe(one);
    expect(await personOf('corp', { sub: 'alice', ...mail })).toBe(one);
  });

  it('an address that nobody verified makes nobody somebody else', async () => {
    const one = await personOf('corp', { sub: 'alice', ...mail });
    expect(await personOf('corp', { sub: 'mallory', ...mail, email_verified: false })).not.toBe(one);
    expect(await personOf('acquired', { sub: 'mallory', ...mail, email_verified: false })).not.toBe(one);
  });

  it('whoever gets the address of a leaver is a new person, and one who only changes it stays the same', async () => {
    const leaver = await personOf('corp', { sub: 'alice', ...mail });
    expect(await personOf('corp', { sub: 'alice-2', ...mail })).not.toBe(leaver);
    expect(await personOf('corp', { sub: 'alice', email: 'alice.new@corp.example' })).toBe(leaver);
  });

  it('a subject is compared as it is: case, width and spaces make another person', async () => {
    const people = ['alice', 'Alice', 'alice ', 'ａlice', 'ali\u0301ce', 'al\u00edce'];
    const ids = [];
    for (const sub of people) ids.push(await personOf('corp', { sub }));
    expect(new Set(ids).size).toBe(people.length);
  });
});

describe('pitfall 23, groups that did not fit', () => {
  it('a group that is named gives its role', async () => {
    expect(await auditorBy('corp', { groups: ['security'] })).toBe(200);
  });

  it.each<[string, string, object]>([
    ['a pointer to groups elsewhere', 'corp', { groups: undefined, _claim_names: { groups: 'src1' } }],
    ['a pointer beside some of the groups', 'corp', { groups: ['security'], _claim_names: { groups: 'src1' } }],
    ['the short marker beside some of the groups', 'corp', { groups: ['security'], hasgroups: true }],
    ['no groups at all', 'corp', { groups: undefined }],
    ['the group of another provider', 'acquired', { groups: ['security'] }],
    ['a name that spells another provider', 'acquired', { groups: ['corp/security'] }],
    ['all in one text', 'corp', { groups: 'sales,security' }],
  ])('%s gives none', async (_name, provider, claims) => {
    expect([0, 403]).toContain(await auditorBy(provider, claims));
  });
});
