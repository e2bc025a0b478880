import { decodeJwt } from 'jose';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { AuditService } from '../../audit/audit.service.js';
import type { Session } from '../caller.js';
import { IdentityService } from '../identity.service.js';
import { SessionsService } from '../sessions/sessions.service.js';
import { startApplication, type TestApplication } from '../testing/application.js';
import { REDIRECT_URI, TestClient, type Tokens } from '../testing/client.js';

let system: TestApplication;
const hourAgo = (): number => Math.floor(Date.now() / 1000) - 3600;

beforeAll(async () => {
  system = await startApplication();
});
afterAll(() => system[Symbol.asyncDispose]());
beforeEach(() => {
  system.idp.users.set('alice', { active: true, name: 'Alice', email: 'alice@acme.example', signedInAt: hourAgo() });
  system.idp.users.set('bob', { active: true, name: 'Bob', email: 'bob@acme.example' });
});

interface SignedIn {
  readonly client: TestClient;
  readonly tokens: Tokens;
  readonly session: string;
}

/** alice, who signed in at her IdP an hour ago. */
async function signedIn(): Promise<SignedIn> {
  const client = await TestClient.of(system.publicUrl);
  const tokens = await client.signIn('alice');
  return { client, tokens, session: sessionOf(tokens) };
}

const sessionOf = ({ access_token: token }: Tokens): string => String(decodeJwt(token)['sid']);
const stored = (id: string): Promise<Session | undefined> => system.app.get(SessionsService).read(id);

/** The parameters by which a client asks for a step-up of the sign-in that it has. */
async function asking({ client, session }: SignedIn, more: Record<string, string> = { max_age: '300' }) {
  const key = await client.dpop.calculateThumbprint();
  return { extra: { step_up: await handleFor(session, key), dpop_jkt: key, ...more } };
}

/** What the gateway gives to the client of a call that it refuses. */
async function handleFor(id: string, key: string): Promise<string> {
  const session = await system.app.get(SessionsService).read(id);
  if (!session) throw new Error('The session has ended.');
  const token = { scopes: [], audience: '', tokenExpiresAt: 0 };
  return system.app.get(IdentityService).stepUpHandle({ ...token, session, key }) ?? '';
}

/** The browser forgets alice at the IdP; bob signs in there instead. */
async function asBob(before: SignedIn) {
  before.client.browser.forget(system.idp.issuer);
  return before.client.toConfirmPage('bob', await asking(before));
}

test('the same session rests on the new sign-in, for the tokens that are out too', async () => {
  const before = await signedIn();
  system.idp.users.set('alice', { active: true, groups: ['security'], acr: 'phr' });
  const tokens = await before.client.signIn('alice', await asking(before, { max_age: '300', acr_values: 'phr phrh' }));
  expect(sessionOf(tokens)).toBe(before.session);
  const { authTime, acr, groups, person } = (await stored(before.session)) ?? {};
  expect(Date.now() - (authTime ?? 0)).toBeLessThan(60_000);
  expect([acr, groups, person?.subject]).toEqual(['phr', ['corp/security'], 'alice']);
  const found = await system.app.get(SessionsService).find(before.session);
  expect(found?.acr).toBe('phr');
  await expect(before.client.refresh(before.tokens.refresh_token ?? '')).resolves.toHaveProperty('access_token');
});

test('the page says that the person is asked to confirm that it is them', async () => {
  const before = await signedIn();
  system.idp.users.set('alice', { active: true });
  const page = await before.client.toConfirmPage('alice', await asking(before));
  expect(page.text).toContain('Confirm that it is you');
});

test('another person is told so, nothing changes, and the right one may go on from there', async () => {
  const before = await signedIn();
  const page = await asBob(before);
  expect(page.status).toBe(403);
  expect(page.text).toContain(
    'You signed in as Bob (bob@acme.example), but only Alice (alice@acme.example) can complete this.',
  );
  expect((await stored(before.session))?.authTime).toBeLessThan(Date.now() - 60_000);

  before.client.browser.forget(system.idp.issuer);
  const again = /href="([^"]*)">Sign in with another account/.exec(page.text)?.[1] ?? '';
  system.idp.users.set('alice', { active: true });
  const form = await before.client.browser.open(new URL(again, system.publicUrl), REDIRECT_URI);
  const confirm = await before.client.browser.submit(form, { login: 'alice' }, REDIRECT_URI);
  const { url } = await before.client.browser.submit(confirm, { decision: 'approve' }, REDIRECT_URI);
  expect(sessionOf(await before.client.redeem(url))).toBe(before.session);
});

test('another person’s try is on record under their name', async () => {
  const before = await signedIn();
  await asBob(before);
  const { entries } = await system.app.get(AuditService).search({ type: 'auth.refused', limit: 1 }, { payloads: true });
  expect(entries).toMatchObject([
    { decision: 'deny', person: { name: 'Bob' }, reason: 'a sign-in of somebody else was to be confirmed' },
  ]);
});

test('whoever takes a handle of another key gets a session of their own', async () => {
  const before = await signedIn();
  const other = await TestClient.of(system.publicUrl);
  system.idp.users.set('alice', { active: true });
  const { extra } = await asking(before);
  const tokens = await other.signIn('alice', {
    extra: { ...extra, dpop_jkt: await other.dpop.calculateThumbprint() },
  });
  expect(sessionOf(tokens)).not.toBe(before.session);
  expect((await stored(before.session))?.authTime).toBeLessThan(Date.now() - 60_000);
});

test('a session that was not told who the person is does not learn it by a step-up: that is a session of its own', async () => {
  const client = await TestClient.of(system.publicUrl);
  const before = sessionOf(await client.signIn('alice', { scope: 'mcp' }));
  system.idp.users.set('alice', { active: true });
  const key = await client.dpop.calculateThumbprint();
  const extra = { step_up: await handleFor(before, key), dpop_jkt: key };
  expect(sessionOf(await client.signIn('alice', { scope: 'openid mcp', extra }))).not.toBe(before);
});

test('one session of a person is not renewed by a step-up of another', async () => {
  const [one, other] = [await signedIn(), await signedIn()];
  system.idp.users.set('alice', { active: true });
  await one.client.signIn('alice', await asking(one));
  expect((await stored(one.session))?.authTime).toBeGreaterThan(Date.now() - 60_000);
  expect((await stored(other.session))?.authTime).toBeLessThan(Date.now() - 60_000);
});

test('a session that ends before the click is not brought back, and what was shown as its renewal makes no other', async () => {
  const before = await signedIn();
  system.idp.users.set('alice', { active: true });
  const asked = await asking(before);
  const page = await before.client.toConfirmPage('alice', asked);
  await system.app.get(SessionsService).end(before.session, 'signed-out');
  const answer = await before.client.browser.submit(page, { decision: 'approve' }, REDIRECT_URI);
  expect([answer.status, answer.text]).toEqual([401, expect.stringContaining('session has ended')]);
  expect(await stored(before.session)).toBeUndefined();
  const anew = await before.client.toConfirmPage('alice', asked);
  expect(anew.text).toContain('Let mcp-sso on this computer in?');
  const { url } = await before.client.browser.submit(anew, { decision: 'approve' }, REDIRECT_URI);
  expect(sessionOf(await before.client.redeem(url))).not.toBe(before.session);
});

test('a page that waited brings back no groups that were taken away meanwhile', async () => {
  system.idp.users.set('alice', { active: true, groups: ['security'] });
  const before = await signedIn();
  const page = await before.client.toConfirmPage('alice', await asking(before));
  system.idp.users.set('alice', { active: true, groups: [] });
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 70_000 });
  try {
    await before.client.refresh(before.tokens.refresh_token ?? '');
    const checked = await stored(before.session);
    expect(checked?.groups).toEqual([]);
    await before.client.browser.submit(page, { decision: 'approve' }, REDIRECT_URI);
    const { groups, idpCheckedAt, authTime } = (await stored(before.session)) ?? {};
    expect([groups, idpCheckedAt]).toEqual([[], checked?.idpCheckedAt]);
    expect(Date.now() - (authTime ?? 0)).toBeLessThan(100_000);
  } finally {
    vi.useRealTimers();
  }
});

test('an IdP that ignores max_age or acr_values is not believed', async () => {
  const before = await signedIn();
  const old = await before.client.toConfirmPage('alice', await asking(before));
  expect([old.status, old.text]).toEqual([403, expect.stringContaining('corp did not confirm one')]);
  system.idp.users.set('alice', { active: true, acr: 'pwd' });
  const weak = await before.client.toConfirmPage('alice', await asking(before, { acr_values: 'phr phrh' }));
  expect([weak.status, weak.text]).toEqual([
    403,
    expect.stringContaining('of the kind phr or phrh (acr), and corp confirmed “pwd”'),
  ]);
  system.idp.users.set('alice', { active: true, acr: null });
  const silent = await before.client.toConfirmPage('alice', await asking(before, { acr_values: 'phr phrh' }));
  expect(silent.text).toContain('corp did not say of which kind it was');
  expect((await stored(before.session))?.acr).toBe('mfa');
});

test('a client without a key names its person by its ID token: nobody else completes the sign-in, and it is a new one', async () => {
  const before = await signedIn();
  system.idp.users.set('alice', { active: true });
  const hint = { extra: { id_token_hint: before.tokens.id_token ?? '', max_age: '300' } };
  const tokens = await before.client.signIn('alice', hint);
  expect(sessionOf(tokens)).not.toBe(before.session);
  before.client.browser.forget(system.idp.issuer);
  expect((await before.client.toConfirmPage('bob', hint)).text).toContain('You signed in as Bob');
});

test('a hint or a handle that we did not make begins nothing', async () => {
  const before = await signedIn();
  const [head, body] = (before.tokens.id_token ?? '').split('.');
  const good = await asking(before);
  const forged = [
    ...[`${head}.${body}.${'A'.repeat(86)}`, before.tokens.access_token, 'x'].map((hint) => ({ id_token_hint: hint })),
    ...[before.session, `A${good.extra.step_up}`, 'A'.repeat(2000)].map((handle) => ({ step_up: handle })),
  ];
  for (const extra of forged) {
    const url = await before.client.authorizationUrl({ extra: { ...extra, max_age: '300' } });
    const stop = await before.client.browser.open(url, REDIRECT_URI);
    expect(stop.url.searchParams.get('error')).toBe('invalid_request');
  }
});

test('a handle is good for ten minutes', async () => {
  const before = await signedIn();
  const { extra } = await asking(before);
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 600_000 });
  try {
    const stop = await before.client.browser.open(await before.client.authorizationUrl({ extra }), REDIRECT_URI);
    expect(stop.url.searchParams.get('error')).toBe('invalid_request');
  } finally {
    vi.useRealTimers();
  }
});

test('a client that names two people gets neither', async () => {
  const before = await signedIn();
  before.client.browser.forget(system.idp.issuer);
  const bob = await (await TestClient.of(system.publicUrl)).signIn('bob');
  const { extra } = await asking(before, { id_token_hint: bob.id_token ?? '' });
  const page = await before.client.browser.open(await before.client.authorizationUrl({ extra }), REDIRECT_URI);
  expect([page.status, page.text]).toEqual([403, expect.stringContaining('two people at once')]);
});

test('a code of a step-up works once, and a second use ends the session', async () => {
  const before = await signedIn();
  system.idp.users.set('alice', { active: true });
  const callback = await before.client.toCallback('alice', await asking(before));
  await before.client.redeem(callback);
  await expect(before.client.redeem(callback)).rejects.toMatchObject({ error: 'invalid_grant' });
  expect(await stored(before.session)).toBeUndefined();
});
