import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { onEachEngine } from '../../storage/testing/engines.js';
import type { Connecting } from './connection.js';
import { OpenConnections, type Replica } from './testing/open-connections.js';
import type { TokenProcessInput } from './testing/token-process.js';
import { UpstreamAccount } from './testing/upstream-account.js';

const ROOT = join(import.meta.dirname, '..', '..', '..');
const folder = mkdtempSync(join(tmpdir(), 'mcp-sso-killed-'));
const program = join(folder, 'token-process.cjs');

beforeAll(async () => {
  const entryPoints = [join(import.meta.dirname, 'testing', 'token-process.ts')];
  const tsconfig = join(ROOT, 'tsconfig.json');
  const target = { platform: 'node', target: 'node24', format: 'cjs', packages: 'external' } as const;
  const conditions = ['mcp-sso-source'];
  await build({ entryPoints, outfile: program, bundle: true, tsconfig, conditions, absWorkingDir: ROOT, ...target });
});
afterAll(() => rmSync(folder, { recursive: true }));

onEachEngine((engine) => {
  let upstream: UpstreamAccount;
  let company: OpenConnections;
  let replica: Replica;
  let alice: Connecting;
  let refused: string;

  beforeEach(async () => {
    upstream = await UpstreamAccount.start();
    company = await OpenConnections.create(engine, { files: { url: upstream.url, credential: { kind: 'oauth' } } });
    replica = await company.replica();
    alice = await replica.person('alice');
    await replica.connect(alice, 'files');
    refused = await replica.token(alice, 'files');
  });
  afterEach(async () => {
    vi.useRealTimers();
    await company[Symbol.asyncDispose]();
    await upstream[Symbol.asyncDispose]();
  });

  test('killed before the authorization server has done it: the old refresh token still counts', async () => {
    upstream.stuck = 'request';
    await killInTheMiddle(upstream, replica, alice, refused);
    expect(await upstream.takes(await replica.token(alice, 'files', { refused }))).toBe(true);
    expect(upstream.refreshes).toBe(1);
  });

  test('killed before a rotated token was kept: the old one is tried, refused in clear words, and asked with no more', async () => {
    upstream.stuck = 'answer';
    await killInTheMiddle(upstream, replica, alice, refused);
    const next = replica.token(alice, 'files', { refused });
    await expect(next).rejects.toMatchObject({ code: 'connection_refused' });
    await expect(replica.token(alice, 'files')).rejects.toMatchObject({ code: 'connection_refused' });
    expect(upstream.refreshes).toBe(2);
  });
});

async function killInTheMiddle(
  upstream: UpstreamAccount,
  replica: Replica,
  who: Connecting,
  refused: string,
): Promise<void> {
  const { masterKey = Buffer.alloc(0), ...config } = replica.config;
  const request = { ...replica.tokenRequest(who, 'files'), refused };
  const input: TokenProcessInput = { config, masterKey: masterKey.toString('hex'), request };
  const isStuck = upstream.nextStuck();
  const env = { NODE_PATH: join(ROOT, 'node_modules') };
  const child = spawn(process.execPath, [program, JSON.stringify(input)], {
    env,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const exited = once(child, 'exit');
  const early = exited.then(([code]) => Promise.reject(new Error(`it ended by itself with ${String(code)}`)));
  await Promise.race([isStuck, early]);
  child.kill('SIGKILL');
  await early.catch(() => undefined);
  upstream.stuck = null;
  // The killed process had the right to refresh for 20 s.
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 20_001 });
}
