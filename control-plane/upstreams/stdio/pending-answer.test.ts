import { expect, test } from 'vitest';
import { CodedError } from '#shared/errors.js';
import { HeldBytes } from './held-bytes.js';
import { PendingAnswer } from './pending-answer.js';

const BOUNDS = { firstByte: 60_000, idle: 60_000, held: 1_000 };
const GONE = new CodedError('interrupted');

/** An answer whose client takes one piece and then no more. */
function stalled(waiting = new HeldBytes(1_000_000)): {
  answer: PendingAnswer;
  taken: string[];
  abandoned: () => number;
  failures: unknown[];
} {
  let times = 0;
  const answer = new PendingAnswer(BOUNDS, waiting, () => (times += 1));
  const taken: string[] = [];
  const failures: unknown[] = [];
  answer.read({
    data: (chunk) => taken.push(chunk.toString()) < 1,
    end: () => taken.push('end'),
    failed: (error) => failures.push(error),
  });
  return { answer, taken, abandoned: () => times, failures };
}

test('a client that goes away before it has taken the response is told so, and the server is not', () => {
  const { answer, taken, abandoned, failures } = stalled();
  answer.notification(Buffer.from('1'));
  answer.response(Buffer.from('2'));
  answer.abort(GONE);
  answer.resume();
  expect({ taken, failures, abandoned: abandoned() }).toEqual({
    taken: ['data: 1\n\n'],
    failures: [GONE],
    abandoned: 0,
  });
});

test('a server that ends does not take along the response that it gave before', () => {
  const { answer, taken, failures } = stalled();
  answer.notification(Buffer.from('1'));
  answer.response(Buffer.from('2'));
  answer.fail(GONE);
  answer.resume();
  answer.resume();
  expect({ taken, failures }).toEqual({ taken: ['data: 1\n\n', 'data: 2\n\n', 'end'], failures: [] });
});

test('what waits for a client is bounded, and the server hears that nobody waits any more', () => {
  const { answer, abandoned, failures } = stalled();
  answer.notification(Buffer.from('1'));
  answer.notification(Buffer.alloc(BOUNDS.held));
  expect(abandoned()).toBe(1);
  expect(failures).toMatchObject([{ code: 'outcome_unknown', detail: 'the client reads too slowly' }]);
});

test('what waits for all clients together is bounded: the one that stalled first is given up, whoever keeps more', () => {
  const waiting = new HeldBytes(1_000);
  const [first, second] = [stalled(waiting), stalled(waiting)];
  for (const { answer } of [first, second]) answer.notification(Buffer.from('1'));
  first.answer.response(Buffer.alloc(200));
  second.answer.notification(Buffer.alloc(700));
  expect([first.failures, second.failures]).toEqual([[], []]);
  second.answer.notification(Buffer.alloc(150));
  expect(first.failures).toMatchObject([{ code: 'outcome_unknown', detail: 'the client reads too slowly' }]);
  expect(second.failures).toEqual([]);
});

test('what a client has taken does not count any more', () => {
  const waiting = new HeldBytes(1_000);
  const [first, second] = [stalled(waiting), stalled(waiting)];
  for (const { answer } of [first, second]) answer.notification(Buffer.from('1'));
  first.answer.response(Buffer.alloc(800));
  first.answer.resume();
  second.answer.notification(Buffer.alloc(800));
  expect([first.failures, second.failures]).toEqual([[], []]);
});
