import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const INSTALL = 'apt-get install -y gnome-keyring dbus libsecret-tools';
const missing = ['dbus-run-session', 'gnome-keyring-daemon', 'secret-tool'].filter(
  (program) => spawnSync('sh', ['-c', `command -v ${program}`]).status !== 0,
);

/** What a command does with the keychain, one step per process, printed as JSON. */
const CHILD = `
import { openStore } from './cli/credential-store/open-store.ts';
import { probeThisSession } from './cli/credential-store/keychain-probe.ts';
import { newDpopKey } from './cli/sign-in/dpop.ts';
const [step, folder] = process.argv.slice(2);
const slot = { origin: 'https://mcp.acme.example', client: 'mcp-bridge' };
const account = { person: 'usr_1', name: null, email: null };
const signIn = { account, dpopKey: newDpopKey(), refreshToken: 'r3fresh', accessToken: 'a', issuedAt: 1, expiresAt: 2 };
const steps = {
  put: (store) => store.put(slot, signIn).then(() => 'put'),
  read: async (store) => (await store.read(slot))?.refreshToken ?? null,
};
async function run() {
  if (process.argv.includes('probe-keychain')) return process.exit(await probeThisSession(''));
  const paths = { config: folder, state: folder, cache: folder };
  const { store, notice } = await openStore(paths, step === 'put-anew' ? undefined : process.env.STORE);
  const result = await steps[step === 'put-anew' ? 'put' : step](store);
  console.log(JSON.stringify({ kind: store.kind, result, notice: notice !== undefined }));
  process.exit(0);
}
run().catch((error) => {
  console.log(JSON.stringify({ code: error.code }));
  process.exit(7);
});
`;

const root = join(import.meta.dirname, '../..');
let home: string;
let child: string;

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'secret-service-'));
  child = join(home, 'child.cjs');
  await build({
    stdin: { contents: CHILD, resolveDir: root, loader: 'ts' },
    outfile: child,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    conditions: ['mcp-sso-source'],
    external: ['@napi-rs/keyring'],
    supported: { 'dynamic-import': false },
    logLevel: 'error',
  });
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

/** Runs a shell script in a D-Bus session of its own, as a person whose home is the temporary folder. */
function session(script: string): { out: string; seconds: number } {
  const started = performance.now();
  const { stdout } = spawnSync('dbus-run-session', ['--', 'bash', '-c', script], {
    encoding: 'utf8',
    timeout: 30_000,
    env: { PATH: process.env['PATH'], HOME: home, NODE_PATH: join(root, 'node_modules') },
  });
  return { out: stdout.trim(), seconds: (performance.now() - started) / 1000 };
}

const UNLOCK = 'printf %s ci-pass | gnome-keyring-daemon --unlock --components=secrets >/dev/null';
const step = (name: string): string => `"${process.execPath}" "${child}" ${name} "${join(home, 'state')}"`;

describe.skipIf(missing.length > 0)(`the real Secret Service (needs: ${INSTALL})`, () => {
  test('keeps the key, so that another process opens what one has saved', () => {
    const { out } = session(
      `${UNLOCK}; ${step('put-anew')}; ${step('read')}; secret-tool search --all service mcp-sso 2>&1`,
    );
    const [put, read, ...found] = out.split('\n');
    expect(JSON.parse(put ?? '')).toEqual({ kind: 'keychain', result: 'put', notice: false });
    expect(JSON.parse(read ?? '')).toEqual({ kind: 'keychain', result: 'r3fresh', notice: false });
    expect(found.join('\n')).toContain('attribute.username = saved sign-ins');
    expect(readFileSync(join(home, 'state', 'sign-ins'), 'latin1')).not.toContain('r3fresh');
  });

  test('a locked keychain is an error within three seconds, never "signed out"', () => {
    const { out, seconds } = session(`gnome-keyring-daemon --start --components=secrets >/dev/null; ${step('read')}`);
    expect(JSON.parse(out)).toEqual({ code: 'credential_store' });
    expect(seconds).toBeLessThan(4);
  });

  test('a session without Secret Service cannot open what the keychain sealed, and says so', () => {
    const { out } = session(`unset DBUS_SESSION_BUS_ADDRESS; ${step('read')}`);
    expect(JSON.parse(out)).toEqual({ code: 'credential_store' });
  });
});

test('without a keychain the default is memory, with a notice', () => {
  const state = join(home, 'elsewhere');
  const env = { PATH: process.env['PATH'], HOME: home, NODE_PATH: join(root, 'node_modules') };
  const { stdout } = spawnSync(process.execPath, [child, 'read', state], { encoding: 'utf8', timeout: 10_000, env });
  expect(JSON.parse(stdout)).toEqual(
    process.platform === 'linux'
      ? { kind: 'memory', result: null, notice: true }
      : { kind: 'keychain', result: null, notice: false },
  );
});
