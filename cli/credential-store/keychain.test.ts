import { expect, test } from 'vitest';
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
