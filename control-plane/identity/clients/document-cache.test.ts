import { expect, test } from 'vitest';
import { DocumentCache } from './document-cache.js';
import { DocumentUnavailable } from './document-fetch.js';

const URL_ = 'https://apps.test/client';
const OUTAGE = new DocumentUnavailable('status 503', true);
const GONE = new DocumentUnavailable('status 404', false);
const HOUR = 3_600_000;

/** A cache whose answers and clock the test decides. */
function cacheOf(...answers: readonly (string | Error)[]) {
  const state = { now: 0, asked: 0 };
  const cache = new DocumentCache(
    (url) => {
      const answer = answers[state.asked] ?? url;
      state.asked += 1;
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve({ value: answer, maxAge: 60 });
    },
    () => state.now,
  );
  return { state, cache };
}

test('is asked once while it is fresh, also by many at once', async () => {
  const { state, cache } = cacheOf('one', 'two');
  expect(await Promise.all([cache.get(URL_), cache.get(URL_)])).toEqual(['one', 'one']);
  state.now = 59_999;
  expect([await cache.get(URL_), state.asked]).toEqual(['one', 1]);
  state.now = 60_000;
  expect([await cache.get(URL_), state.asked]).toEqual(['two', 2]);
});

test('a failure is remembered for a minute', async () => {
  const { state, cache } = cacheOf(GONE, 'back');
  await expect(Promise.all([cache.get(URL_), cache.get(URL_)])).rejects.toBe(GONE);
  await expect(cache.get(URL_)).rejects.toBe(GONE);
  expect(state.asked).toBe(1);
  state.now = 60_000;
  expect(await cache.get(URL_)).toBe('back');
});

test('an older copy serves for a day while nobody answers, and not where it was withdrawn', async () => {
  const { state, cache } = cacheOf('one', OUTAGE, OUTAGE, GONE);
  await cache.get(URL_);
  state.now = HOUR;
  expect([await cache.get(URL_), await cache.get(URL_), state.asked]).toEqual(['one', 'one', 2]);
  state.now = 25 * HOUR;
  await expect(cache.get(URL_)).rejects.toBe(OUTAGE);

  const withdrawn = cacheOf('one', GONE);
  await withdrawn.cache.get(URL_);
  withdrawn.state.now = HOUR;
  await expect(withdrawn.cache.get(URL_)).rejects.toBe(GONE);
});

test('a host is not flooded, whatever is asked for there', async () => {
  const { state, cache } = cacheOf();
  const each = Array.from({ length: 100 }, (_, index) => cache.get(`${URL_}${index}`));
  const results = await Promise.allSettled(each);
  expect(results.filter(({ status }) => status === 'rejected')).toHaveLength(40);
  expect(state.asked).toBe(60);
  expect(await cache.get('https://other.test/client')).toBe('https://other.test/client');
});

test('an address that was asked for while its host was flooded is asked again a minute later', async () => {
  const { state, cache } = cacheOf('old');
  await cache.get(URL_);
  state.now = HOUR;
  await Promise.allSettled(Array.from({ length: 60 }, (_, index) => cache.get(`${URL_}${index}`)));
  expect(await cache.get(URL_)).toBe('old');
  await expect(cache.get(`${URL_}60`)).rejects.toThrow('too many fetches');
  state.now = 2 * HOUR;
  expect([await cache.get(URL_), await cache.get(`${URL_}60`)]).toEqual([URL_, `${URL_}60`]);
});
