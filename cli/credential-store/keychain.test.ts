import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { expect, test } from 'vitest';
import { bundle } from '../bridge/testing/executable.js';
import { Keychain } from './keychain.js';
import { askProbe, type ProbeResult } from './keychain-probe.js';

const node = (script: string): [string, ...string[]] => [process.execPath, '-e', script];

test.each([
  ['process.exit(0)', 'usable'],
  ['process.exit(10)', 'missing'],
  ['process.exit(11)', 'locked'],
  ['process.abort()', 'missing'],
  ['setInterval(() => {}, 1000)', 'hanging'],
])('a probe that runs %s finds the keychain %s', async (script, found) => {
  expect(await askProbe(node(script))).toBe(found);
});

test('a probe does not outlive the program that asked', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const program = await bundle(`
    import { askProbe } from '../credential-store/keychain-probe.js';
    void askProbe([process.execPath, '-e', 'require("node:net").connect(${port}, "127.0.0.1")']);
    process.stdin.on('end', () => process.exit(0)).resume();
  `);
  const asking = spawn(process.execPath, [program], { stdio: ['pipe', 'ignore', 'inherit'] });
  const [probe] = (await once(server, 'connection')) as [Socket];
  const gone = once(
    probe.on('error', () => undefined),
    'close',
    { signal: AbortSignal.timeout(5_000) },
  );
  asking.stdin.end();
  await gone;
  expect(probe.destroyed).toBe(true);
  server.close();
});

test('a program that is not there finds nothing', async () => {
  expect(await askProbe(['/nonexistent/mcp-sso'])).toBe('missing');
});

test.each(['missing', 'locked', 'hanging'] as const)(
  'a keychain that is %s is an error that says what to do',
  async (found) => {
    const keychain = new Keychain({ load: () => Promise.reject(new Error('not reached')), probe: async () => found });
    await expect(keychain.read()).rejects.toMatchObject({
      code: 'credential_store',
      message: expect.stringContaining('mcp-sso login --credential-store file') as string,
    });
  },
);

test('only a missing keychain counts as absent, and what a person can mend is asked again', async () => {
  let found: ProbeResult = 'locked';
  const keychain = new Keychain({ load: () => Promise.reject(new Error('not reached')), probe: async () => found });
  await expect(keychain.present()).rejects.toMatchObject({ code: 'credential_store' });
  found = 'usable';
  expect(await keychain.present()).toBe(true);
  const none = new Keychain({ load: () => Promise.reject(new Error('not reached')), probe: async () => 'missing' });
  expect(await none.present()).toBe(false);
});
