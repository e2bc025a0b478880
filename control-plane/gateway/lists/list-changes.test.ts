import { expect, test } from 'vitest';
import { EVERY_LIST, ListChanges } from './list-changes.js';

test('the more clients are told of a change, the longer they are spread, up to ten seconds', () => {
  const changes = new ListChanges();
  const spread: number[] = [];
  using listeners = new DisposableStack();
  const listen = (count: number): void => {
    for (let n = 0; n < count; n += 1) listeners.use(changes.onChange((_change, within) => spread.push(within)));
    changes.announce({ server: undefined, lists: EVERY_LIST });
  };
  listen(1);
  listen(9_999);
  expect([spread.length, spread[0], spread.at(-1)]).toEqual([10_001, 5, 10_000]);
});
