import { decodeJwt, decodeProtectedHeader } from 'jose';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { CLIENTS } from '#shared/api/paths.js';
import { AuditService } from '../../audit/audit.service.js';
import { StorageService } from '../../storage/storage.service.js';
import { startApplication, type TestApplication } from '../testing/application.js';
import { TestBrowser } from '../testing/browser.js';
import { REDIRECT_URI, TestClient } from '../testing/client.js';

let system: TestApplication;

beforeAll(async () => {
  system = await startApplication();
  system.idp.users.set('alice', {
    email: 'alice@corp.test',
    name: 'Alice <Ops>',
    groups: ['engineering'],
    active: true,
  });
  system.idp.users.set('solo', { groups: 'single', active: true });
  system.idp.users.set('overage', {
    groups: ['admins'],
    active: true,
    _claim_names: { groups: 'src1' },
  });
});
afterAll(() => system[Symbol.asyncDispose]());

test('a person signs in and gets tokens that are bound to the client’s key and name no group', async () => {
  const client = await TestClient.of(system.publicUrl);
  const callback = await client.toCallback('alice', { deviceName: 'alice-laptop' });
  expect(callback.searchParams.get('iss')).toBe(system.publicUrl);
  const tokens = await client.redeem(callback);
  expect(tokens.token_type).toBe('dpop');
  expect(tokens.expires_in).toBe(300);
  expect(decodeProtectedHeader(tokens.access_token)).toMatchObject({ alg: 'ES256', typ: 'at+jwt' });
  const claims = decodeJwt(tokens.access_token);
  expect(claims).toMatchObject({
    iss: system.publicUrl,
    aud: `${system.publicUrl}/mcp`,
    client_id: 'mcp-bridge',
    scope: 'mcp',
    idp: 'corp',
    amr: ['pwd', 'otp'],
    acr: 'mfa',
  });
  expect(claims.sub).toMatch(/^usr_[0-9a-f]{32}$/);
  expect(claims).not.toHaveProperty('groups');
  expect(tokens.claims()).toMatchObject({ sub: claims.sub, email: 'alice@corp.test', name: 'Alice <Ops>' });
});

test('the confirm page names account, client, device, address and time, and escapes what others wrote', async () => {
  const client = await TestClient.of(system.publicUrl);
  const page = await client.toConfirmPage('alice', { deviceName: '<script>x</script>' });
  expect(page.status).toBe(200);
  for (const text of ['Alice &lt;Ops&gt;', 'alice@corp.test', 'corp', 'mcp-bridge', '127.0.0.1', 'UTC']) {
    expect(page.text).toContain(text);
  }
  expect(page.text).toContain('&lt;script&gt;x&lt;/script&gt;');
  expect(page.text).not.toContain('<script');
  expect(page.headers.get('x-frame-options')).toBe('DENY');
  expect(page.headers.get('cache-control')).toBe('no-store');
  expect(page.headers.get('content-security-policy')).toMatch(
    /^default-src 'none'; style-src 'sha256-[^']+'; form-action 'self' http:\/\/127\.0\.0\.1:48123; frame-ancestors 'none'; base-uri 'none'$/,
  );
});

test('without the click nothing is granted: no code, no grant, no session', async () => {
  const client = await TestClient.of(system.publicUrl);
  const { db } = system.app.get(StorageService);
  const before = await grantedIn(db);
  const page = await client.toConfirmPage('alice');
  const id = page.url.pathname.split('/')[3] ?? '';
  const resumed = await client.browser.open(`${system.publicUrl}/oauth/authorize/${id}`, REDIRECT_URI);
  expect(resumed.url.href.startsWith(REDIRECT_URI)).toBe(false);
  expect(await grantedIn(db)).toEqual(before);
});

test('“This was not me” ends at the client with access_denied, and is recorded', async () => {
  const client = await TestClient.of(system.publicUrl);
  const page = await client.toConfirmPage('alice', { deviceName: 'unknown-box' });
  const end = await client.browser.submit(page, { decision: 'deny' }, REDIRECT_URI);
  expect(end.url.searchParams.get('error')).toBe('access_denied');
  expect(end.url.searchParams.get('code')).toBeNull();
  const { entries } = await system.app.get(AuditService).search({ type: 'auth.refused', limit: 1 }, { payloads: true });
  expect(entries[0]).toMatchObject({
    type: 'auth.refused',
    decision: 'deny',
    reason: 'the person said: this was not me',
  });
});

test.for([
  ['is missing', (page: string) => page.replace(/<input type="hidden"[^>]*>/, '')],
  ['is foreign', (page: string) => page.replace(/value="[^"]{43}"/, `value="${'A'.repeat(43)}"`)],
] as const)('a form whose CSRF token %s is refused', async ([, change]) => {
  const client = await TestClient.of(system.publicUrl);
  const page = await client.toConfirmPage('alice');
  const end = await client.browser.submit({ ...page, text: change(page.text) }, { decision: 'approve' }, REDIRECT_URI);
  expect(end.status).toBe(403);
  expect(end.text).toContain('This form does not belong to your sign-in.');
});

test('a form of another sign-in in the same browser is refused', async () => {
  const browser = new TestBrowser();
  const first = await TestClient.of(system.publicUrl, CLIENTS.bridge, browser);
  const second = await TestClient.of(system.publicUrl, CLIENTS.bridge, browser);
  const one = await first.toConfirmPage('alice');
  const two = await second.toConfirmPage('alice');
  const csrf = /value="([^"]{43})"/.exec(one.text)?.[1] ?? '';
  const forged = { ...two, text: two.text.replace(/value="[^"]{43}"/, `value="${csrf}"`) };
  expect((await browser.submit(forged, { decision: 'approve' }, REDIRECT_URI)).status).toBe(403);
});

test('a form is good once', async () => {
  const client = await TestClient.of(system.publicUrl);
  const page = await client.toConfirmPage('alice');
  const posted = await client.browser.fetch(page.url, {
    method: 'POST',
    body: new URLSearchParams({ csrf: /value="([^"]{43})"/.exec(page.text)?.[1] ?? '', decision: 'approve' }),
  });
  expect(posted.status).toBe(303);
  expect((await client.browser.submit(page, { decision: 'approve' }, REDIRECT_URI)).status).toBe(400);
});

test('another browser cannot take over a login on its way back from the IdP', async () => {
  const client = await TestClient.of(system.publicUrl);
  const form = await client.browser.open(await client.authorizationUrl(), REDIRECT_URI);
  const back = await client.browser.submit(form, { login: 'alice' }, `${system.publicUrl}/auth/callback`);
  const stranger = await new TestBrowser().open(back.url);
  expect(stranger.status).toBe(403);
  expect(stranger.text).toContain('This sign-in was started in another browser.');
  const own = await client.browser.open(back.url);
  expect(own.status).toBe(200);
  expect(own.url.pathname).toMatch(/\/confirm$/);
});

test('another browser cannot use the one-time key, nor the confirm page', async () => {
  const client = await TestClient.of(system.publicUrl);
  const form = await client.browser.open(await client.authorizationUrl(), REDIRECT_URI);
  const back = await client.browser.submit(form, { login: 'alice' }, `${system.publicUrl}/auth/callback`);
  const done = (await client.browser.fetch(back.url)).headers.get('location') ?? '';
  expect(done).toMatch(/^\/auth\/interaction\/[\w-]+\/done\?key=/);
  const stranger = new TestBrowser();
  expect((await stranger.open(system.publicUrl + done)).status).toBe(400);
  const confirm = done.replace(/done.*$/, 'confirm');
  expect((await stranger.open(system.publicUrl + confirm)).status).toBe(400);
});

test('a callback is good once, and an unknown state is nobody’s', async () => {
  const client = await TestClient.of(system.publicUrl);
  const form = await client.browser.open(await client.authorizationUrl(), REDIRECT_URI);
  const back = await client.browser.submit(form, { login: 'alice' }, `${system.publicUrl}/auth/callback`);
  expect((await client.browser.open(back.url)).status).toBe(200);
  const again = await client.browser.open(back.url);
  expect(again.status).toBe(400);
  expect(again.text).toContain('sign_in_expired');
  expect((await client.browser.open(`${system.publicUrl}/auth/callback?code=x&state=unknown`)).status).toBe(400);
});

test('a callback with the issuer of another IdP is refused before any code is redeemed (mix-up)', async () => {
  const client = await TestClient.of(system.publicUrl);
  const form = await client.browser.open(await client.authorizationUrl(), REDIRECT_URI);
  const back = await client.browser.submit(form, { login: 'alice' }, `${system.publicUrl}/auth/callback`);
  back.url.searchParams.set('iss', 'https://evil.test');
  const before = system.idp.tokenRequests;
  expect((await client.browser.open(back.url)).status).toBe(403);
  expect(system.idp.tokenRequests).toBe(before);
});

test('every authorization goes through the IdP and the page again, and no server session is left behind', async () => {
  const client = await TestClient.of(system.publicUrl);
  await client.signIn('alice');
  expect(client.browser.cookieNames(system.publicUrl)).not.toContain('mcp-sso-session');
  const again = await TestClient.of(system.publicUrl, CLIENTS.bridge, client.browser);
  const page = await client.browser.open(await again.authorizationUrl(), REDIRECT_URI);
  expect(page.url.pathname).toMatch(/\/confirm$/);
});

test('a second person may sign in with the browser that a first one used', async () => {
  const browser = new TestBrowser();
  const first = await TestClient.of(system.publicUrl, CLIENTS.bridge, browser);
  const one = await first.signIn('alice');
  browser.forget(system.idp.issuer);
  const second = await TestClient.of(system.publicUrl, CLIENTS.bridge, browser);
  const two = await second.signIn('solo');
  expect(decodeJwt(two.access_token).sub).not.toBe(decodeJwt(one.access_token).sub);
});

test('a person whom the IdP refuses comes back to the client with access_denied', async () => {
  const client = await TestClient.of(system.publicUrl);
  const form = await client.browser.open(await client.authorizationUrl(), REDIRECT_URI);
  const end = await client.browser.submit(form, { login: 'nobody' }, REDIRECT_URI);
  expect(end.url.searchParams.get('error')).toBe('access_denied');
});

test.for([
  ['one string is one group', 'solo', ['corp/single']],
  ['an overage marker means no groups', 'overage', []],
] as const)('%s', async ([, login, groups]) => {
  const client = await TestClient.of(system.publicUrl, CLIENTS.admin);
  const tokens = await client.signIn(login, { scope: 'openid self' });
  const answer = await client.fetch(`${system.publicUrl}/api/v1/probe`, tokens.access_token);
  expect(await answer.json()).toEqual({ person: login, groups });
});

test('the sign-in is on record with person, client, device and address', async () => {
  const client = await TestClient.of(system.publicUrl);
  const tokens = await client.signIn('alice', { deviceName: 'recorded' });
  const { entries } = await system.app.get(AuditService).search({ type: 'auth.sign-in', limit: 1 }, { payloads: true });
  expect(entries[0]).toMatchObject({
    type: 'auth.sign-in',
    session: decodeJwt(tokens.access_token)['sid'],
    person: { email: 'alice@corp.test' },
    client: { id: 'mcp-bridge' },
    address: '127.0.0.1',
  });
});

async function grantedIn(db: StorageService['db']) {
  const sessions = await db.selectFrom('sessions').select('id').execute();
  const models = ['AuthorizationCode', 'Grant', 'RefreshToken'];
  const payloads = await db.selectFrom('oidc_payloads').select(['id_hash']).where('model', 'in', models).execute();
  return { sessions, payloads };
}
