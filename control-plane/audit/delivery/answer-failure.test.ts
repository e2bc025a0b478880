import { expect, test } from 'vitest';
import { answerFailure } from './answer-failure.js';

const NOW = Date.parse('2027-01-15T08:00:00Z');

test.each([
  [503, '7', 7_000],
  [429, 'Fri, 15 Jan 2027 08:00:05 GMT', 5_000],
  [429, 'Fri, 15 Jan 2027 07:00:00 GMT', 0],
  [503, '86400', 300_000],
  [503, 'soon', undefined],
  [500, undefined, undefined],
  // What waiting alone does not cure comes again slowly, whatever the other side says.
  [401, '1', 60_000],
  [400, undefined, 60_000],
])('status %i with Retry-After %s comes again after %s ms', (status, retryAfter, wait) => {
  expect(answerFailure(status, retryAfter, NOW).retryAfterMs).toBe(wait);
});

test('says what an operator can do something about', () => {
  expect(answerFailure(401, undefined, NOW).message).toBe('it answered with status 401: its key is not accepted');
  expect(answerFailure(500, undefined, NOW).message).toBe('it answered with status 500');
});

test('only what is too large may get through in smaller batches', () => {
  expect([413, 400, 503].map((status) => answerFailure(status, undefined, NOW).isTooLarge)).toEqual([
    true,
    false,
    false,
  ]);
});
