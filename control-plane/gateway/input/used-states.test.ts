import { expect, test } from 'vitest';
import { UsedStates } from './used-states.js';

test('one person’s answers take nobody else’s share, and each is known for ten minutes', () => {
  let now = 0;
  const used = new UsedStates({ answersPerPerson: 2, answers: 3 }, () => now);
  used.add('a', 'a1');
  used.add('a', 'a2');
  expect(() => used.add('a', 'a3')).toThrowError(
    'You gave 2 answers to questions of MCP servers in ten minutes, which is the limit (limits.answersPerPerson).',
  );
  used.add('b', 'b1');
  expect(() => used.add('c', 'c1')).toThrowError('(limits.answers)');
  expect(['a1', 'a2', 'a3', 'b1', 'c1'].map((id) => used.has(id))).toEqual([true, true, false, true, false]);
  now = 600_000;
  used.add('c', 'c1');
  used.add('a', 'a3');
  expect(['a1', 'a3', 'c1'].map((id) => used.has(id))).toEqual([false, true, true]);
});
