import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { CommandContext } from '../commands/context.js';
import { openStore } from '../credential-store/open-store.js';
import { saveUserConfig } from '../system/user-config.js';
import { AdminApi } from './admin-api.js';
import { newDpopKey } from './dpop.js';

let folder: string;
let server: Server;
let context: CommandContext;
let answers: { status: number; body: string }[] = [];
let seen: string[] = [];
let bodies: string[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'admin-api-'));
  seen = [];
  bodies = [];
  server = createServer((request, response) => {
    if (request.headers['content-type'] === 'application/json') void text(request).then((body) => bodies.push(body));
    seen.push(`${request.method} ${request.url} ${request.headers.authorization ?? ''}`.trim());
    const token = { access_token: 'second', token_type: 'DPoP', expires_in: 300 };
    const refresh = { status: 200, body: JSON.stringify(token) };
    const { status, body } = (request.url === '/oauth/token' ? refresh : answers.shift()) ?? { status: 500, body: '' };
    response.writeHead(status).end(body);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const paths = { config: folder, state: folder, cache: folder };
  await saveUserConfig(paths, { url: origin, credentialStore: 'file' });
  const { store } = await openStore(paths, 'file');
  const account = { person: 'usr_1', name: null, email: null };
  const times = { issuedAt: Date.now(), expiresAt: Date.now() + 300_000 };
  const signIn = { account, dpopKey: newDpopKey(), refreshToken: 'r', accessToken: 'first', ...times };
  await store.put({ origin, client: 'mcp-sso-admin' }, signIn);
  const quiet = { stdout: () => undefined, stderr: () => undefined, interactive: false, openBrowser: false };
  context = { ...quiet, env: {}, json: false, now: () => new Date(), paths };
});
afterEach(async () => {
  server.close();
  server.closeAllConnections();
  await rm(folder, { recursive: true, force: true });
});

const ask = (path: string, method: 'GET' | 'DELETE' = 'GET') =>
  new AdminApi(context, ['audit:read']).request(method, path);

test('asks with the tokens of the admin client', async () => {
  answers = [{ status: 200, body: '{"entries":[]}' }];
  expect(await ask('/api/v1/audit?user=alice')).toEqual({ entries: [] });
  expect(seen).toEqual(['GET /api/v1/audit?user=alice DPoP first']);
});

test('content goes as JSON, again after a refresh', async () => {
  answers = [
    { status: 401, body: '{}' },
    { status: 200, body: '{}' },
  ];
  await new AdminApi(context, ['policies:read']).request('POST', '/api/v1/policies/check', { policies: [] });
  expect(bodies).toEqual(['{"policies":[]}', '{"policies":[]}']);
});

test('refreshes once when the server refuses the token', async () => {
  answers = [
    { status: 401, body: '{}' },
    { status: 200, body: '7' },
  ];
  expect(await ask('/api/v1/me')).toBe(7);
  expect(seen).toEqual(['GET /api/v1/me DPoP first', 'POST /oauth/token', 'GET /api/v1/me DPoP second']);
});

test('passes on the server’s code and words', async () => {
  const problem = { status: 403, code: 'role_missing', detail: 'This needs the role auditor.' };
  answers = [{ status: 403, body: JSON.stringify(problem) }];
  await expect(ask('/api/v1/audit')).rejects.toMatchObject({
    code: 'role_missing',
    message: 'This needs the role auditor.',
  });
});

test('words that steer the terminal or forge a line come out as text', async () => {
  const problem = { status: 403, code: 'role_missing', detail: 'No\u001b[2J role\nSigned in as root' };
  answers = [{ status: 403, body: JSON.stringify(problem) }];
  await expect(ask('/api/v1/audit')).rejects.toMatchObject({
    message: 'No\u{fffd}[2J role\u{fffd}Signed in as root',
  });
});

test.each([
  [502, '<html>proxy</html>'],
  [500, '{"oops":true}'],
])('an answer of %i that is not the API’s is a network fault', async (status, body) => {
  answers = [{ status, body }];
  await expect(ask('/api/v1/me')).rejects.toMatchObject({ code: 'network' });
});

test.each(['https://evil.example/', '//evil.example/api'])('never takes the tokens to %s', async (path) => {
  await expect(ask(path)).rejects.toMatchObject({ code: 'internal' });
  expect(seen).toEqual([]);
});
