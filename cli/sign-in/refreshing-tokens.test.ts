import { createHash, createPublicKey, verify } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { CredentialStore } from '../credential-store/credential-store.js';
import { MemoryBacking } from '../credential-store/memory-backing.js';
import type { SavedSignIn, Slot } from '../credential-store/saved-sign-in.js';
import { agentFor } from '../system/http.js';
import { newDpopKey } from './dpop.js';
import { RefreshingTokens } from './refreshing-tokens.js';
import { ServerClock } from './server-clock.js';

const START = Date.parse('2026-11-23T10:00:00Z');
const dpopKey = newDpopKey();

interface Reply {
  status: number;
  body: object;
  date?: string;
}
let now = START;
let requests: { form: URLSearchParams; proof: Record<string, unknown> }[] = [];
let replies: Reply[] = [];
let beforeReply: () => Promise<void> = async () => undefined;
let slot: Slot;
let store: CredentialStore;

const server = createServer((request, response) => {
  void (async () => {
    const form = new URLSearchParams(await textOf(request));
    requests.push({ form, proof: payloadOf(String(request.headers['dpop'])) });
    await beforeReply();
    const { status, body, date } = replies.shift() ?? { status: 500, body: {} };
    response.writeHead(status, { 'content-type': 'application/json', date: date ?? new Date(now).toUTCString() });
    response.end(JSON.stringify(body));
  })();
});

beforeEach(async () => {
  now = START;
  requests = [];
  replies = [];
  beforeReply = async () => undefined;
  const listening = Promise.withResolvers<void>();
  server.listen(0, '127.0.0.1', listening.resolve);
  await listening.promise;
  slot = { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, client: 'mcp-bridge' };
  store = new CredentialStore(new MemoryBacking());
  await store.put(slot, signIn('first', 'refresh-1'));
});

afterEach(() => {
  server.close();
  server.closeAllConnections();
});

test('complaint 9, uses a token until 80 % of its life, then refreshes with the refresh token and a proof', async () => {
  const tokens = source();
  now = START + 239_000;
  expect((await tokens.authorize('POST', `${slot.origin}/mcp`)).authorization).toBe('DPoP first');
  now = START + 241_000;
  replies = [granted('second')];
  expect((await tokens.authorize('POST', `${slot.origin}/mcp`)).authorization).toBe('DPoP second');
  expect(Object.fromEntries(requests[0]?.form ?? [])).toEqual({
    grant_type: 'refresh_token',
    refresh_token: 'refresh-1',
    client_id: 'mcp-bridge',
  });
  expect(requests[0]?.proof).toMatchObject({ htm: 'POST', htu: `${slot.origin}/oauth/token`, iat: now / 1000 });
  expect((await store.read(slot))?.accessToken).toBe('second');
});

test('signs a proof for exactly one method, address and token', async () => {
  const { dpop } = await source().authorize('GET', `${slot.origin}/api/v1/audit?user=alice#x`);
  const [header = '', payload = '', signature = ''] = dpop.split('.');
  const { kty, crv, x, y } = dpopKey;
  expect(JSON.parse(Buffer.from(header, 'base64url').toString())).toEqual({
    typ: 'dpop+jwt',
    alg: 'ES256',
    jwk: { kty, crv, x, y },
  });
  expect(payloadOf(dpop)).toMatchObject({
    htm: 'GET',
    htu: `${slot.origin}/api/v1/audit`,
    iat: START / 1000,
    ath: createHash('sha256').update('first').digest('base64url'),
  });
  const key = createPublicKey({ key: { kty, crv, x, y }, format: 'jwk' });
  const signed = Buffer.from(`${header}.${payload}`);
  const genuine = verify('sha256', signed, { key, dsaEncoding: 'ieee-p1363' }, Buffer.from(signature, 'base64url'));
  expect(genuine).toBe(true);
});

test.each([
  ['a server error', 500, {}],
  ['an unknown refusal', 400, { error: 'invalid_request' }],
  ['an identity provider that is down', 503, { error: 'temporarily_unavailable' }],
])('complaint 10, keeps the sign-in and its token through %s', async (_name, status, body) => {
  const tokens = source();
  now = START + 250_000;
  replies = [{ status, body }];
  expect((await tokens.authorize('POST', slot.origin)).authorization).toBe('DPoP first');
  now = START + 310_000;
  replies = [{ status, body }];
  await expect(tokens.authorize('POST', slot.origin)).rejects.toMatchObject({
    code: status === 503 ? 'idp_unreachable' : 'network',
  });
  expect((await store.read(slot))?.refreshToken).toBe('refresh-1');
});

test('waits before it asks a failing server again', async () => {
  const tokens = source();
  now = START + 310_000;
  replies = [{ status: 500, body: {} }];
  await expect(tokens.authorize('POST', slot.origin)).rejects.toMatchObject({ code: 'network' });
  await expect(tokens.authorize('POST', slot.origin)).rejects.toMatchObject({ code: 'network' });
  expect(requests.length).toBe(1);
});

test.each(['invalid_grant', 'invalid_client'])('forgets the sign-in at %s', async (error) => {
  const tokens = source();
  now = START + 310_000;
  replies = [{ status: 400, body: { error } }];
  await expect(tokens.authorize('POST', slot.origin)).rejects.toMatchObject({ code: 'sign_in_needed' });
  expect(await store.read(slot)).toBeUndefined();
});

test('keeps a new sign-in that came while the old one was refused', async () => {
  const tokens = source();
  now = START + 310_000;
  replies = [{ status: 400, body: { error: 'invalid_grant' } }];
  beforeReply = () => store.put(slot, { ...signIn('new', 'refresh-2'), issuedAt: now, expiresAt: now + 300_000 });
  expect((await tokens.authorize('POST', slot.origin)).authorization).toBe('DPoP new');
  expect((await store.read(slot))?.refreshToken).toBe('refresh-2');
});

test('does not bring back a sign-in that was removed while it was refreshed', async () => {
  const tokens = source();
  now = START + 310_000;
  replies = [granted('second')];
  beforeReply = async () => void (await store.remove(slot));
  await expect(tokens.authorize('POST', slot.origin)).rejects.toMatchObject({ code: 'sign_in_needed' });
  expect(await store.read(slot)).toBeUndefined();
});

test('refreshes once for many callers, and again after a refusal', async () => {
  const tokens = source();
  now = START + 310_000;
  replies = [granted('second')];
  const all = await Promise.all([1, 2, 3].map(() => tokens.authorize('POST', slot.origin)));
  expect(all.map(({ authorization }) => authorization)).toEqual(['DPoP second', 'DPoP second', 'DPoP second']);
  tokens.refused(all[0]!, undefined);
  replies = [granted('third')];
  expect((await tokens.authorize('POST', slot.origin)).authorization).toBe('DPoP third');
  expect(requests.length).toBe(2);
});

test('a late refusal of an old token does not put out the one that replaced it', async () => {
  const tokens = source();
  const old = await tokens.authorize('POST', slot.origin);
  tokens.refused(old, undefined);
  replies = [granted('second')];
  await tokens.authorize('POST', slot.origin);
  tokens.refused(old, undefined);
  expect((await tokens.authorize('POST', slot.origin)).authorization).toBe('DPoP second');
  expect(requests.length).toBe(1);
});

test('dates proofs by the server’s clock once the server has shown it', async () => {
  const tokens = source();
  tokens.refused(await tokens.authorize('POST', slot.origin), 'Mon, 23 Nov 2026 10:30:00 GMT');
  replies = [{ ...granted('second'), date: 'Mon, 23 Nov 2026 10:30:00 GMT' }];
  const { dpop } = await tokens.authorize('POST', slot.origin);
  expect(requests[0]?.proof['iat']).toBe(Date.parse('2026-11-23T10:30:00Z') / 1000);
  expect(payloadOf(dpop)['iat']).toBe(Date.parse('2026-11-23T10:30:00Z') / 1000);
});

test('repeats a refresh whose proof was dated wrongly or lacked a nonce, once', async () => {
  const tokens = source();
  now = START + 310_000;
  const late = 'Mon, 23 Nov 2026 11:00:00 GMT';
  replies = [
    { status: 400, body: { error: 'invalid_dpop_proof' }, date: late },
    { ...granted('second'), date: late },
  ];
  expect((await tokens.authorize('POST', slot.origin)).authorization).toBe('DPoP second');
  expect(requests[1]?.proof['iat']).toBe(Date.parse(late) / 1000);
});

test('says that a sign-in is needed where there is none', async () => {
  await store.remove(slot);
  await expect(source().authorize('POST', slot.origin)).rejects.toMatchObject({ code: 'sign_in_needed' });
});

function source(): RefreshingTokens {
  const clock = new ServerClock(() => new Date(now));
  const endpoint = { slot, agent: agentFor(slot.origin, {}), clock, now: () => new Date(now) };
  return new RefreshingTokens(() => Promise.resolve(store), endpoint);
}

function signIn(accessToken: string, refreshToken: string): SavedSignIn {
  const account = { person: 'usr_1', name: 'Alice', email: null };
  return { account, dpopKey, refreshToken, accessToken, issuedAt: START, expiresAt: START + 300_000 };
}

function granted(token: string): Reply {
  return { status: 200, body: { access_token: token, token_type: 'DPoP', expires_in: 300 } };
}

function payloadOf(jwt: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(jwt.split('.')[1] ?? '', 'base64url').toString()) as Record<string, unknown>;
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}
