import { expect, test } from 'vitest';
import { GroupCommit } from './group-commit.js';

const LIMITS = { queue: 3, batch: 2, wait: 1000 };

test('what is added in one turn is committed together, in order, at most a batch at a time', async () => {
  const batches: number[][] = [];
  const group = new GroupCommit<number, string>((items) => {
    batches.push([...items]);
    return Promise.resolve(items.map((item) => `#${item}`));
  }, LIMITS);
  expect(await Promise.all([group.add(1), group.add(2), group.add(3)])).toEqual(['#1', '#2', '#3']);
  expect(await group.add(4)).toBe('#4');
  expect(batches).toEqual([[1, 2], [3], [4]]);
});

test('a full queue refuses at once and keeps what it holds', async () => {
  const committed: number[] = [];
  const group = new GroupCommit<number, void>(
    (items) => Promise.resolve(items.map((item) => void committed.push(item))),
    LIMITS,
  );
  const held = [group.add(1), group.add(2), group.add(3)];
  await expect(group.add(4)).rejects.toMatchObject({ code: 'database_unavailable', detail: 'queue full' });
  await Promise.all(held);
  expect(committed).toEqual([1, 2, 3]);
});

test('a failed commit rejects its writers, and the next batch is tried', async () => {
  const failure = new Error('disk full');
  let healthy = false;
  const group = new GroupCommit<number, void>(
    () => (healthy ? Promise.resolve([undefined]) : Promise.reject(failure)),
    LIMITS,
  );
  const outcomes = await Promise.allSettled([group.add(1), group.add(2)]);
  expect(outcomes).toEqual([
    { status: 'rejected', reason: failure },
    { status: 'rejected', reason: failure },
  ]);
  healthy = true;
  await expect(group.add(3)).resolves.toBeUndefined();
});

test('nobody waits for ever on a commit that hangs', async () => {
  const { promise, resolve } = Promise.withResolvers<void[]>();
  const group = new GroupCommit<number, void>(() => promise, { ...LIMITS, wait: 5 });
  const late = { code: 'database_unavailable', detail: 'commit timed out' };
  await Promise.all([1, 2, 3].map((item) => expect(group.add(item)).rejects.toMatchObject(late)));
  resolve([]);
  await group.close();
});

test('closing waits for what was added, and refuses the rest', async () => {
  const committed: number[] = [];
  const group = new GroupCommit<number, void>(
    (items) => Promise.resolve(items.map((item) => void committed.push(item))),
    LIMITS,
  );
  const added = group.add(1);
  await group.close();
  expect(committed).toEqual([1]);
  await added;
  await expect(group.add(2)).rejects.toMatchObject({ code: 'database_unavailable', detail: 'closed' });
});
