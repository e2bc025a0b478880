import { tmpdir } from 'node:os';
import { expect, test } from 'vitest';
import { setUpAccount } from './account-setup.js';

const account = { name: 'me', uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0, home: tmpdir() };
const print = (text: string) => setUpAccount(account, ['/usr/bin/printf', '%s', text]);
const file = { app: 'cursor', file: '/home/a/mcp.json', changed: false, change: 'none', backup: null };

test.each([
  ['nothing', ''],
  ['no JSON', 'hello'],
  ['another document', '{"files":[{"app":"not-an-app"}]}'],
])('an account whose setup prints %s has failed', async (_what, text) => {
  expect(await print(text)).toEqual({
    account,
    outcome: 'failed',
    files: [],
    error: {
      code: 'internal',
      message: 'The setup printed no result (exit code 0). Run mcp-sso setup as that account to see why.',
    },
  });
});

test('what an account makes its setup say cannot steer a terminal, and names no code that is none', async () => {
  const error = { code: 'toString', message: '\u001B[2Jall well\nroot: done' };
  const result = await print(JSON.stringify({ files: [{ ...file, file: '/home/a/\u001B]0;x\u0007', error }] }));
  expect(result).toMatchObject({
    outcome: 'failed',
    files: [{ file: '/home/a/\uFFFD]0;x\uFFFD' }],
    error: { code: 'internal', message: '\uFFFD[2Jall well\uFFFDroot: done' },
  });
});

test.each([
  ['no-app', []],
  ['unchanged', [file]],
  ['changed', [file, { ...file, changed: true, change: 'added' }]],
])('is %s', async (outcome, files) => {
  expect(await print(JSON.stringify({ files }))).toMatchObject({ outcome });
});
