import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { CredentialStore } from '../credential-store/credential-store.js';
import { FileBacking } from '../credential-store/file-backing.js';
import { KeyFile } from '../credential-store/key-file.js';
import { newDpopKey } from './dpop.js';

/** One bridge process: opens the store on disk, asks for a token once, prints it. */
const CHILD = `
import { CredentialStore } from '../credential-store/credential-store.js';
import { FileBacking } from '../credential-store/file-backing.js';
import { KeyFile } from '../credential-store/key-file.js';
import { agentFor } from '../system/http.js';
import { RefreshingTokens } from './refreshing-tokens.js';
import { ServerClock } from './server-clock.js';
const [folder, origin] = process.argv.slice(2);
const now = () => new Date();
const store = new CredentialStore(new FileBacking(folder, new KeyFile(folder + '/key')));
const endpoint = { slot: { origin, client: 'mcp-bridge' }, agent: agentFor(origin, {}), clock: new ServerClock(now), now };
const tokens = new RefreshingTokens(() => Promise.resolve(store), endpoint);
tokens.authorize('POST', origin + '/mcp').then(
  ({ authorization }) => { process.stdout.write(authorization); process.exit(0); },
  (error) => { process.stdout.write(error.code); process.exit(1); },
);
`;

let home: string;
let folder: string;
let origin: string;
let refreshes = 0;
let arrived = Promise.withResolvers<void>();
let answer: (count: number) => boolean = () => true;

const server = createServer((request, response) => {
  request.resume();
  refreshes += 1;
  arrived.resolve();
  if (!answer(refreshes)) return;
  const body = JSON.stringify({ access_token: `token-${refreshes}`, token_type: 'DPoP', expires_in: 300 });
  // As slow as a real server, so that every child is waiting by then.
  setTimeout(() => response.writeHead(200, { 'content-type': 'application/json' }).end(body), 150);
});

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'refresh-race-'));
  await build({
    stdin: { contents: CHILD, resolveDir: import.meta.dirname, loader: 'ts' },
    outfile: join(home, 'child.cjs'),
    bundle: true,
    platform: 'node',
    format: 'cjs',
    conditions: ['mcp-sso-source'],
    external: ['@napi-rs/keyring'],
    logLevel: 'error',
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(async () => {
  server.close();
  server.closeAllConnections();
  await rm(home, { recursive: true, force: true });
});

beforeEach(async () => {
  refreshes = 0;
  arrived = Promise.withResolvers();
  folder = await mkdtemp(join(home, 'state-'));
  const store = new CredentialStore(new FileBacking(folder, new KeyFile(join(folder, 'key'))));
  const account = { person: 'usr_1', name: null, email: null };
  const expired = { refreshToken: 'refresh', accessToken: 'expired', issuedAt: 0, expiresAt: 1 };
  await store.put({ origin, client: 'mcp-bridge' }, { account, dpopKey: newDpopKey(), ...expired });
});

test('complaint 6, twelve processes with an expired token make one refresh and share its result', async () => {
  answer = () => true;
  const outputs = await Promise.all(Array.from({ length: 12 }, () => outputOf(startChild())));
  expect(outputs).toEqual(Array.from({ length: 12 }, () => 'DPoP token-1'));
  expect(refreshes).toBe(1);
}, 30_000);

test('the next process goes on when the one that refreshes is killed', async () => {
  answer = (count) => count > 1;
  const holder = startChild();
  await arrived.promise;
  const next = startChild();
  holder.kill('SIGKILL');
  expect(await outputOf(next)).toBe('DPoP token-2');
}, 30_000);

function startChild(): ChildProcess {
  return spawn(process.execPath, [join(home, 'child.cjs'), folder, origin], { stdio: ['ignore', 'pipe', 'inherit'] });
}

async function outputOf(child: ChildProcess): Promise<string> {
  let text = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    text += chunk.toString();
  });
  await once(child, 'close');
  return text;
}
