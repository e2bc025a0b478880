import { expect, it } from 'vitest';
import { besideBaseline, median, summaryOf } from './pairs.js';

it('takes the middle of an odd number of values, and the mean of the two middle ones of an even number', () => {
  expect(median([9, 1, 5])).toBe(5);
  expect(median([8, 1, 2, 4])).toBe(3);
});

it('takes the median of the ratios, not the ratio of the medians', () => {
  const pairs = [
    [10, 20],
    [30, 40],
    [90, 100],
  ] as const;
  expect(summaryOf(pairs)).toEqual({ own: 30, baseline: 40, ratio: 0.75, difference: -10 });
});

it('measures every subject beside a baseline, backwards in every second round, and counts no first round', async () => {
  const order: string[] = [];
  const of = (name: string) => () => {
    order.push(name);
    return Promise.resolve(name);
  };
  const pairs = await besideBaseline(1, of('-'), [of('a'), of('b'), of('c')]);
  expect(order.join('')).toBe('a-bc--cb-a');
  expect(pairs).toEqual([[['a', '-']], [['b', '-']], [['c', '-']]]);
});

it('goes on without a subject that fails', async () => {
  let asked = 0;
  const broken = (): Promise<number> => {
    asked += 1;
    return Promise.reject(new Error('gone'));
  };
  const results = await besideBaseline(2, () => Promise.resolve(2), [broken, () => Promise.resolve(1)]);
  expect(results).toEqual([
    new Error('gone'),
    [
      [1, 2],
      [1, 2],
    ],
  ]);
  expect(asked).toBe(1);
});
