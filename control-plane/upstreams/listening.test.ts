import { expect, test } from 'vitest';
import { lets } from './listening.js';

test.each([
  ['notifications/message', true],
  ['notifications/x', true],
  ['notifications/progress', false],
  ['notifications/cancelled', false],
  ['notifications/subscriptions/acknowledged', false],
  ['notifications/tools/list_changed', false],
])('who listens to everything and to no list hears %s: %s', (method, heard) => {
  expect(lets({ everything: true }, { method })).toBe(heard);
});
