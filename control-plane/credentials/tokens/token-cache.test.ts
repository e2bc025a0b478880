import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { IssuedToken } from '../issued-token.js';
import { TokenCache, type TokenKey } from './token-cache.js';

beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'] }));
afterEach(() => void vi.useRealTimers());

const COMPANY: TokenKey = { credential: {}, subject: '', scopes: [] };
const keyOf = (index: number): TokenKey => ({ ...COMPANY, subject: `ses_${index}` });
const fail = (): Promise<IssuedToken> => Promise.reject(new Error('refused'));

/** Gives tok-1, tok-2, … of the same life in seconds. */
function source(life: number | undefined) {
  let asked = 0;
  return {
    ask: async (): Promise<IssuedToken> => {
      asked += 1;
      const expiresAt = life === undefined ? undefined : Date.now() + life * 1000;
      return { value: `tok-${asked}`, expiresAt, secrets: [] };
    },
    asked: () => asked,
  };
}

test('50 callers at the same moment make one request', async () => {
  const cache = new TokenCache();
  const { ask, asked } = source(3600);
  const tokens = await Promise.all(Array.from({ length: 50 }, () => cache.token(COMPANY, ask)));
  expect(new Set(tokens.map(({ value }) => value))).toEqual(new Set(['tok-1']));
  expect(asked()).toBe(1);
});

test.each([
  [3600, 3540],
  [60, 48],
  [undefined, 240],
])('a token for %s s is used for %i s', async (life, used) => {
  const cache = new TokenCache();
  const { ask } = source(life);
  await cache.token(COMPANY, ask);
  vi.advanceTimersByTime(used * 1000 - 1);
  expect((await cache.token(COMPANY, ask)).value).toBe('tok-1');
  vi.advanceTimersByTime(1);
  expect((await cache.token(COMPANY, ask)).value).toBe('tok-2');
});

test('a token that has expired already is given once and not kept', async () => {
  const cache = new TokenCache();
  const { ask } = source(0);
  expect((await cache.token(COMPANY, ask)).value).toBe('tok-1');
  expect((await cache.token(COMPANY, ask)).value).toBe('tok-2');
});

test('another subject, other scopes and another credential have tokens of their own', async () => {
  const cache = new TokenCache();
  const { ask } = source(3600);
  const value = async (key: TokenKey): Promise<string> => (await cache.token(key, ask)).value;
  expect(await value(COMPANY)).toBe('tok-1');
  expect(await value({ ...COMPANY, subject: 'ses_1' })).toBe('tok-2');
  expect(await value({ ...COMPANY, scopes: ['a', 'b'] })).toBe('tok-3');
  expect(await value({ ...COMPANY, scopes: ['b', 'a', 'a'] })).toBe('tok-3');
  expect(await value({ ...COMPANY, scopes: ['a b'] })).toBe('tok-4');
  expect(await value({ ...COMPANY, subject: 'a', scopes: ['b'] })).toBe('tok-5');
  expect(await value({ ...COMPANY, credential: {} })).toBe('tok-6');
  expect(await value(COMPANY)).toBe('tok-1');
});

test('a failure reaches everyone who waits and is not remembered', async () => {
  const cache = new TokenCache();
  const failed = await Promise.allSettled([cache.token(COMPANY, fail), cache.token(COMPANY, fail)]);
  expect(failed.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect((await cache.token(COMPANY, source(3600).ask)).value).toBe('tok-1');
});

test('many refusals of one token make one new one', async () => {
  const cache = new TokenCache();
  const { ask, asked } = source(3600);
  const first = await cache.token(COMPANY, ask);
  const renewed = await Promise.all(
    Array.from({ length: 10 }, () => {
      cache.forget(COMPANY, [first.value]);
      return cache.token(COMPANY, ask);
    }),
  );
  cache.forget(COMPANY, [first.value]);
  renewed.push(await cache.token(COMPANY, ask));
  expect(renewed.map(({ value }) => value)).toEqual(Array.from({ length: 11 }, () => 'tok-2'));
  expect(asked()).toBe(2);
});

test('of a server that refuses whatever it gets, 50 calls ask for one new token a minute', async () => {
  const cache = new TokenCache();
  const { ask, asked } = source(3600);
  const refusedCall = async (): Promise<void> => cache.forget(COMPANY, [(await cache.token(COMPANY, ask)).value]);
  for (let call = 0; call < 50; call += 1) await refusedCall();
  expect(asked()).toBe(2);
  vi.advanceTimersByTime(59_999);
  await refusedCall();
  await cache.token(COMPANY, ask);
  expect(asked()).toBe(2);
  vi.advanceTimersByTime(1);
  await refusedCall();
  expect((await cache.token(COMPANY, ask)).value).toBe('tok-3');
});

test('of more than 10,000 tokens the one unused for longest is forgotten', async () => {
  const cache = new TokenCache();
  const { ask, asked } = source(3600);
  for (let index = 0; index < 10_000; index += 1) await cache.token(keyOf(index), ask);
  await cache.token(keyOf(0), ask);
  await cache.token(keyOf(10_000), ask);
  expect(asked()).toBe(10_001);
  await cache.token(keyOf(0), ask);
  expect(asked()).toBe(10_001);
  await cache.token(keyOf(1), ask);
  expect(asked()).toBe(10_002);
});
