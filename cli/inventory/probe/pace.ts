import { setTimeout as delay } from 'node:timers/promises';

/** How hard a network may be asked. */
export interface Pace {
  readonly atOnce: number;
  readonly perSecond: number;
  /** `performance.now()` after which nothing new is begun. */
  readonly deadline: number;
}

/** Works through items at a pace. Resolves to the results in the order of their ends, and to how many were not begun. */
export async function inPace<Item, Result>(
  items: readonly Item[],
  { atOnce, perSecond, deadline }: Pace,
  work: (item: Item) => Promise<Result>,
): Promise<{ results: Result[]; left: number }> {
  const results: Result[] = [];
  let next = 0;
  let free = performance.now();
  const worker = async (): Promise<void> => {
    while (next < items.length && performance.now() < deadline) {
      const item = items[next]!;
      next += 1;
      const wait = (free = Math.max(free + 1000 / perSecond, performance.now())) - performance.now();
      if (wait > 1) await delay(wait);
      results.push(await work(item));
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, worker));
  return { results, left: items.length - next };
}
