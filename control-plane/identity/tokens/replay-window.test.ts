import { expect, test } from 'vitest';
import { ReplayWindow } from './replay-window.js';

test('an identifier is admitted once', () => {
  const window = new ReplayWindow(60, 10);
  expect(window.admit('a', 1000, 1000)).toBe(true);
  expect(window.admit('a', 1000, 1059)).toBe(false);
});

test('when full it admits nothing, until the oldest are too old to be shown again', () => {
  const window = new ReplayWindow(60, 2);
  expect(window.admit('a', 1000, 1000)).toBe(true);
  expect(window.admit('b', 1001, 1001)).toBe(true);
  expect(window.admit('c', 1002, 1002)).toBe(false);
  expect(window.admit('d', 1100, 1100)).toBe(true);
});

test('nothing is forgotten while a proof of its time would still be accepted', () => {
  const window = new ReplayWindow(60, 10);
  expect(window.admit('a', 1000, 1000)).toBe(true);
  expect(window.admit('a', 1000, 1060)).toBe(false);
  expect(window.admit('ahead', 1060, 1000)).toBe(true);
  expect(window.admit('ahead', 1060, 1120)).toBe(false);
});
