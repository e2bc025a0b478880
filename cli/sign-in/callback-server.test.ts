import { request } from 'node:http';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { CallbackServer } from './callback-server.js';

const EXPECTED = { state: 'right-state', issuer: 'https://mcp.acme.example', timeout: 10_000 };
const GOOD = 'code=c0de&state=right-state&iss=https%3A%2F%2Fmcp.acme.example';
const ACCOUNT = { person: 'usr_1', name: 'Alice <b>', email: 'alice@acme.example' };

let server: CallbackServer;

beforeEach(async () => {
  server = new CallbackServer({ lastPage: 20 });
  await server.listen();
});

afterEach(() => server.finish({ fault: 'over' }));

interface Reply {
  status: number | undefined;
  headers: Record<string, unknown>;
  body: string;
}

function get(path: string, options: { host?: string; method?: string } = {}): Promise<Reply> {
  const { promise, resolve, reject } = Promise.withResolvers<Reply>();
  const { port } = new URL(server.redirectUri);
  const headers = options.host ? { host: options.host } : {};
  const call = request({ host: '127.0.0.1', port, path, method: options.method ?? 'GET', headers }, (reply) => {
    let body = '';
    reply.on('data', (chunk: Buffer) => {
      body += chunk.toString();
    });
    reply.on('end', () => resolve({ status: reply.statusCode, headers: reply.headers, body }));
  });
  call.on('error', reject);
  call.end();
  return promise;
}

test('takes the answer, moves the browser to an address without the code, and says who is signed in', async () => {
  server = new CallbackServer();
  await server.listen();
  const received = server.receive(EXPECTED);
  const first = await get(`/callback?${GOOD}`);
  expect(first.status).toBe(302);
  expect(first.headers['location']).toMatch(/^\/result\/[0-9a-f]{32}$/);
  expect((await received).searchParams.get('code')).toBe('c0de');
  const shown = get(String(first.headers['location']));
  await server.finish({ account: ACCOUNT, origin: 'https://mcp.acme.example' });
  const page = await shown;
  expect(page.body).toContain('Alice &lt;b&gt; (alice@acme.example)');
  expect(page.body).toContain('mcp.acme.example');
  expect(page.body).not.toContain('c0de');
  expect(page.headers['content-security-policy']).toMatch(
    /^default-src 'none'; style-src 'sha256-[^']+'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'$/,
  );
  expect(page.headers['cache-control']).toBe('no-store');
});

test.each([
  ['a wrong state', '/callback?code=evil&state=wrong&iss=https%3A%2F%2Fmcp.acme.example', {}, 400],
  ['no state', '/callback?code=evil', {}, 400],
  ['an error without the state', '/callback?error=access_denied', {}, 400],
  ['another Host', `/callback?${GOOD}`, { host: 'evil.example' }, 400],
  ['localhost as Host', `/callback?${GOOD}`, { host: 'localhost' }, 400],
  ['an absolute address', `http://evil.example/callback?${GOOD}`, {}, 400],
  ['another method', `/callback?${GOOD}`, { method: 'POST' }, 405],
  ['another path', `/callback/?${GOOD}`, {}, 404],
  ['a guessed result', '/result/00', {}, 404],
])('turns away %s, and the sign-in goes on', async (_name, path, options, status) => {
  const received = server.receive(EXPECTED);
  expect((await get(path, options)).status).toBe(status);
  await get(`/callback?${GOOD}`);
  expect((await received).searchParams.get('code')).toBe('c0de');
});

test('turns away a second answer', async () => {
  const received = server.receive(EXPECTED);
  await get(`/callback?${GOOD}`);
  expect((await get('/callback?code=other&state=right-state&iss=https%3A%2F%2Fmcp.acme.example')).status).toBe(410);
  expect((await received).searchParams.get('code')).toBe('c0de');
});

test.each(['https%3A%2F%2Fevil.example', '', 'https%3A%2F%2Fmcp.acme.example%2F'])(
  'ends the sign-in when the right state comes from issuer “%s”',
  async (issuer) => {
    const received = server.receive(EXPECTED);
    await get(`/callback?code=c0de&state=right-state&iss=${issuer}`);
    await expect(received).rejects.toMatchObject({ code: 'sign_in_failed' });
  },
);

test('takes no answer before a sign-in expects one', async () => {
  expect((await get('/callback?code=c0de&state=')).status).toBe(400);
});

test('gives up when nobody answers in time', async () => {
  await expect(server.receive({ ...EXPECTED, timeout: 10 })).rejects.toMatchObject({ code: 'sign_in_expired' });
});

test('listens on loopback only', () => {
  expect(server.redirectUri).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/callback$/);
});

test('complaint 4, two sign-ins listen at ports of their own; a port that is taken is an error, and no crash', async () => {
  const other = new CallbackServer();
  await other.listen();
  expect(other.redirectUri).not.toBe(server.redirectUri);
  const third = new CallbackServer();
  await expect(third.listen(Number(new URL(server.redirectUri).port))).rejects.toMatchObject({ code: 'EADDRINUSE' });
  await other.finish({ fault: 'over' });
  const received = server.receive(EXPECTED);
  await get(`/callback?${GOOD}`);
  expect((await received).searchParams.get('code')).toBe('c0de');
});
