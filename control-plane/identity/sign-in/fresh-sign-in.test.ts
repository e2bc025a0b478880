import { decodeJwt } from 'jose';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startApplication, type TestApplication } from '../testing/application.js';
import { REDIRECT_URI, TestClient } from '../testing/client.js';

let system: TestApplication;
const now = (): number => Math.floor(Date.now() / 1000);

beforeAll(async () => {
  system = await startApplication();
  system.idp.users.set('alice', { active: true });
});
afterAll(() => system[Symbol.asyncDispose]());

async function signIn(extra: Record<string, string>) {
  const client = await TestClient.of(system.publicUrl);
  return { client, page: await client.toConfirmPage('alice', { extra }) };
}

/** The authorization request that our server sends the browser to the IdP with. */
async function askedOfIdp(extra: Record<string, string>): Promise<Record<string, string>> {
  const client = await TestClient.of(system.publicUrl);
  const stop = await client.browser.open(await client.authorizationUrl({ extra }), `${system.idp.issuer}/auth`);
  return Object.fromEntries(stop.url.searchParams);
}

test('what a client asks of the sign-in is asked of the IdP', async () => {
  expect(await askedOfIdp({ max_age: '600', prompt: 'login' })).toMatchObject({ max_age: '600', prompt: 'login' });
  expect(await askedOfIdp({ acr_values: 'phr phrh' })).toMatchObject({ acr_values: 'phr phrh' });
  const plain = await askedOfIdp({});
  expect(plain).not.toHaveProperty('max_age');
  expect(plain).not.toHaveProperty('prompt');
  expect(plain).not.toHaveProperty('acr_values');
});

test('a sign-in of this very second is one that begins now', async () => {
  expect(await askedOfIdp({ max_age: '0' })).toMatchObject({ prompt: 'login' });
});

test('a new sign-in is in the token, and goes through to the end', async () => {
  const client = await TestClient.of(system.publicUrl);
  const { access_token: token } = await client.signIn('alice', { extra: { max_age: '600', prompt: 'login' } });
  expect(now() - Number(decodeJwt(token)['auth_time'])).toBeLessThan(60);
});

test('an IdP that rests on an old sign-in although a new one was asked for is not believed', async () => {
  system.idp.users.set('alice', { active: true, signedInAt: now() - 3600 });
  const { page } = await signIn({ max_age: '600', prompt: 'login' });
  expect(page.status).toBe(403);
  expect(page.text).toContain('corp did not confirm one');
});

test('without being asked, an old sign-in is let in and counts as old', async () => {
  const signedInAt = now() - 3600;
  system.idp.users.set('alice', { active: true, signedInAt });
  const { client, page } = await signIn({});
  const { url } = await client.browser.submit(page, { decision: 'approve' }, REDIRECT_URI);
  const { access_token: token } = await client.redeem(url);
  expect(decodeJwt(token)['auth_time']).toBe(signedInAt);
});

test('an IdP whose clock is ahead can’t make a sign-in young for longer', async () => {
  system.idp.users.set('alice', { active: true, signedInAt: now() + 3600 });
  const client = await TestClient.of(system.publicUrl);
  const { access_token: token } = await client.signIn('alice');
  expect(Number(decodeJwt(token)['auth_time'])).toBeLessThanOrEqual(now());
});
