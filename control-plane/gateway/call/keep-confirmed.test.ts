import { expect, test } from 'vitest';
import type { Caller } from '../../identity/caller.js';
import { keepConfirmed } from './keep-confirmed.js';

/** What `watch` is told of a call whose answer has so many bytes. */
function watched(call: { lasting: boolean }, answer?: { bytes: number }) {
  let asked: (() => boolean) | undefined;
  const identity = {
    confirm: () => Promise.resolve(),
    watch: (_id: string, _end: unknown, isUse?: () => boolean) => {
      asked = isUse;
      return { [Symbol.dispose]: () => undefined };
    },
  };
  const caller = { session: { id: 's1' }, tokenExpiresAt: Date.now() + 300_000 } as Caller;
  const watch = keepConfirmed(identity, caller, Object.assign(call, { abort: () => undefined }), answer);
  return { isUse: () => asked?.(), [Symbol.dispose]: () => watch[Symbol.dispose]() };
}

test('a call that is waited for is use of its session for as long as it runs', () => {
  using call = watched({ lasting: false }, { bytes: 0 });
  expect([call.isUse(), call.isUse()]).toEqual([true, true]);
});

test('a stream is use when something has come on it since it was asked, and not by being open', () => {
  const answer = { bytes: 0 };
  using stream = watched({ lasting: true }, answer);
  expect(stream.isUse()).toBe(false);
  answer.bytes = 100;
  expect([stream.isUse(), stream.isUse()]).toEqual([true, false]);
  answer.bytes = 101;
  expect(stream.isUse()).toBe(true);
});
