import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { SavedState } from './saved-state.js';

let file: string;
beforeEach(() => {
  file = join(mkdtempSync(join(tmpdir(), 'mcp-sso-idp-')), 'idp.db');
});
afterEach(() => {
  vi.useRealTimers();
});

function tokens(state = new SavedState(file)) {
  const adapter = state.adapter('RefreshToken');
  if (!('upsert' in adapter)) throw new Error('no adapter');
  return adapter;
}

test('what was saved is there for the next process', async () => {
  await tokens().upsert('a', { grantId: 'g' }, 60);
  expect(await tokens().find('a')).toEqual({ grantId: 'g' });
  expect(await new SavedState(file).keep('keys', () => 'first')).toBe('first');
  expect(await new SavedState(file).keep('keys', () => 'second')).toBe('first');
});

test('a used refresh token works for half a minute more, from its first use on, and is refused after it', async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: 1_000_000 });
  await tokens().upsert('a', {}, 3_600);
  await tokens().consume('a');
  vi.setSystemTime(1_029_999);
  expect(await tokens().find('a')).toEqual({});
  await tokens().consume('a');
  vi.setSystemTime(1_030_000);
  expect(await tokens().find('a')).toEqual({ consumed: 1_000 });
});

test('a grant that is revoked takes its tokens along, and an old token is gone', async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: 1_000_000 });
  await tokens().upsert('a', { grantId: 'g' }, 60);
  await tokens().upsert('b', { grantId: 'h' }, 60);
  await tokens().revokeByGrantId('g');
  expect([await tokens().find('a'), await tokens().find('b')]).toEqual([undefined, { grantId: 'h' }]);
  vi.setSystemTime(1_060_000);
  expect(await tokens().find('b')).toBeUndefined();
});
