import { expect, test } from 'vitest';
import { bridgeArguments } from './bridge-arguments.js';

const PLAIN = { options: {}, common: { browser: true } };

test.each([
  [['bridge'], true, PLAIN],
  [[], false, PLAIN],
  [['bridge', '--server', 'github'], false, { options: { server: 'github' }, common: { browser: true } }],
  [
    ['--url=https://a.example', '--no-browser', '--credential-store', 'file'],
    false,
    { options: {}, common: { browser: false, url: 'https://a.example', credentialStore: 'file' } },
  ],
])('%j starts the bridge', (argv, terminal, expected) => {
  expect(bridgeArguments(argv, terminal)).toEqual(expected);
});

test.each([
  [[], true],
  [['status'], false],
  [['--help'], false],
  [['bridge', '--help'], false],
  [['bridge', 'github'], false],
  [['bridge', '--servr', 'x'], false],
  [['--json', 'status'], false],
])('%j is for commander', (argv, terminal) => {
  expect(bridgeArguments(argv, terminal)).toBeUndefined();
});
