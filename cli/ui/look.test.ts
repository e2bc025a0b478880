import { expect, test } from 'vitest';
import { lookOf } from './look.js';

const TERMINAL = { isTTY: true, columns: 100 };

test.each([
  [{ LANG: 'C.UTF-8' }, 'linux', { columns: 100, color: true, unicode: true }],
  [{ LANG: 'C.UTF-8', LC_ALL: 'C' }, 'linux', { columns: 100, color: true, unicode: false }],
  [{}, 'linux', { columns: 100, color: true, unicode: false }],
  [{}, 'darwin', { columns: 100, color: true, unicode: true }],
  [{ WT_SESSION: '1' }, 'win32', { columns: 100, color: true, unicode: true }],
  [{}, 'win32', { columns: 100, color: true, unicode: false }],
  [{ LANG: 'C.UTF-8', NO_COLOR: '1' }, 'linux', { columns: 100, color: false, unicode: true }],
  [{ LANG: 'C.UTF-8', NO_COLOR: '' }, 'linux', { columns: 100, color: true, unicode: true }],
] as const)('%j on %s looks like %j', (env, platform, look) => {
  expect(lookOf(TERMINAL, env, platform)).toEqual(look);
});

test('a terminal that does not know its width has 80 columns', () => {
  expect(lookOf({ isTTY: true, columns: 0 }, {}, 'linux')).toMatchObject({ columns: 80 });
});

test('a pipe, and a terminal that cannot be drawn on, have no look', () => {
  expect(lookOf({}, { LANG: 'C.UTF-8' }, 'linux')).toBeUndefined();
  expect(lookOf(TERMINAL, { TERM: 'dumb' }, 'linux')).toBeUndefined();
});
