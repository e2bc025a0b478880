import { decodeJwt } from 'jose';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { REDIRECT_URI, TestClient } from '../testing/client.js';
import { linkIn, TwoProviders } from '../testing/two-providers.js';

const PARTNER = { issuer: 'https://partner.example', clientId: 'mcp', clientSecret: 'env:IDP_SECRET' };
let company: TwoProviders;

beforeAll(async () => {
  company = await TwoProviders.start({ partner: PARTNER });
});
afterAll(() => company[Symbol.asyncDispose]());

async function choose(loginHint?: string) {
  const client = await TestClient.of(company.system.publicUrl);
  const extra = loginHint === undefined ? {} : { login_hint: loginHint };
  return { client, page: await client.browser.open(await client.authorizationUrl({ extra }), REDIRECT_URI) };
}

/** Types an address and follows the link that comes of it. */
async function byAddress(email: string) {
  const { client, page } = await choose();
  const found = await client.browser.submit(page, { email });
  const address = linkIn(found.text, 'Continue');
  return { client, found, address, form: await client.browser.open(address) };
}

test('providers with domains are found by an address, the others stay as links', async () => {
  const { page } = await choose();
  expect(page.status).toBe(200);
  expect([...page.text.matchAll(/class="choice" href="([^"]*)"/g)].map(([, href]) => href)).toEqual([
    `${page.url.pathname}?provider=partner`,
  ]);
  expect(page.text).toContain('type="email"');
  expect(page.headers.get('content-security-policy')).toContain("form-action 'self';");
});

test.each([
  ['alice@acme.example', 'corp'],
  ['ALICE@Bought.TEST', 'bought'],
] as const)('%s leads to %s, by a link, and the provider hears the address', async (email, id) => {
  const { found, form, client } = await byAddress(email);
  expect(found.status).toBe(200);
  expect(found.headers.get('content-security-policy')).toContain("form-action 'none'");
  expect(form.url.origin).toBe(company[id].issuer);
  expect(form.text).toContain(`value="${email}"`);
  const confirm = await client.browser.submit(form, { login: 'alice' }, REDIRECT_URI);
  expect(confirm.text).toContain(`<dd>${id}</dd>`);
  const { url } = await client.browser.submit(confirm, { decision: 'approve' }, REDIRECT_URI);
  expect(decodeJwt((await client.redeem(url)).access_token)['idp']).toBe(id);
});

test('an unknown domain is told in words, and the address can be corrected', async () => {
  const { client, page } = await choose();
  const again = await client.browser.submit(page, { email: 'alice@else.example' });
  expect(again.status).toBe(400);
  expect(again.text).toContain('Nobody with an address at else.example signs in here.');
  expect(again.text).toContain('value="alice@else.example"');
  const found = await client.browser.submit(again, { email: 'alice@acme.example' });
  expect(linkIn(found.text, 'Continue').startsWith(`${company.corp.issuer}/`)).toBe(true);
  expect(linkIn(found.text, 'another address')).toBe(page.url.pathname);
});

test('what is no address is told in words', async () => {
  const { client, page } = await choose();
  const again = await client.browser.submit(page, { email: '"><script>@acme.example' });
  expect(again.status).toBe(400);
  expect(again.text).toContain('That is no e-mail address.');
  expect(again.text).not.toContain('<script');
});

test('a client’s hint with a known domain skips the page', async () => {
  const { page } = await choose('alice@bought.example');
  expect(page.url.origin).toBe(company.bought.issuer);
  expect(page.text).toContain('value="alice@bought.example"');
});

test.each(['alice@else.example', 'alice', `${'a'.repeat(300)}@acme.example`])(
  'a client’s hint that leads nowhere (%s) is not followed',
  async (hint) => {
    const { page } = await choose(hint);
    expect(page.text).toContain('Where do you sign in?');
    expect(page.text).not.toContain(hint);
  },
);

test('a provider does not hear the address of another’s people', async () => {
  const client = await TestClient.of(company.system.publicUrl);
  const start = await client.authorizationUrl({ extra: { login_hint: 'alice@acme.example' } });
  const { url } = await client.browser.open(start, `${company.system.publicUrl}/auth/interaction/`);
  const form = await client.browser.open(`${url.href}?provider=bought`);
  expect(form.url.origin).toBe(company.bought.issuer);
  expect(form.text).toContain('value=""');
});
