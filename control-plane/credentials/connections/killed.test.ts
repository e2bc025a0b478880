import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { goOnAt } from '../../audit/testing/go-on-at.js';
import { onEachEngine } from '../../storage/testing/engines.js';
import type { Connecting } from './connection.js';
import { OpenConnections, type Replica } from './testing/open-connections.js';
import type { TokenProcessInput } from './testing/token-process.js';
import { UpstreamAccount, type UpstreamOptions } from './testing/upstream-account.js';

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

  const connected = async (options: UpstreamOptions = {}): Promise<void> => {
    upstream = await UpstreamAccount.start(options);
    company = await OpenConnections.create(engine, { files: { url: upstream.url, credential: { kind: 'oauth' } } });
    replica = await company.replica();
    alice = await replica.person('alice');
    await replica.connect(alice, 'files');
    refused = await replica.token(alice, 'files');
  };
  afterEach(async () => {
    vi.useRealTimers();
    await company[Symbol.asyncDispose]();
    await upstream[Symbol.asyncDispose]();
  });

  test('killed before the authorization server has done it: the old refresh token still counts', async () => {
    await connected();
    upstream.stuck = 'request';
    await killInTheMiddle(upstream, replica, alice, refused);
    expect(await upstream.takes(await replica.token(alice, 'files', { refused }))).toBe(true);
    expect(upstream.refreshes).toBe(1);
  });

  test.each(['grace', 'none'] as const)(
    'killed before the answer was kept, rotation %s: the old token is tried, nothing is lost, nobody is asked',
    async (rotation) => {
      await connected({ rotation });
      upstream.stuck = 'answer';
      await killInTheMiddle(upstream, replica, alice, refused);
      const calls = [1, 2, 3].map(() => replica.token(alice, 'files', { refused }));
      const [next = '', ...others] = new Set(await Promise.all(calls));
      expect([others, await upstream.takes(next), upstream.refreshes]).toEqual([[], true, 2]);
      expect(await upstream.takes(await replica.token(alice, 'files', { refused: next }))).toBe(true);
      expect(await replica.service.need(alice, 'files')).toBeUndefined();
      expect((await replica.service.list({})).map(({ state }) => state)).toEqual(['active']);
    },
  );

  test('killed before the answer of a strict server was kept: the old token is tried, refused in clear words, and asked with no more', async () => {
    await connected();
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
  goOnAt(Date.now() + 20_001);
}
