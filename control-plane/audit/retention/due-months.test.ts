import { expect, test } from 'vitest';
import { dueMonths } from './due-months.js';

const KEPT = { calls: '60d', lists: '1d', identity: 'forever', administration: 'forever' } as const;
const FEBRUARY = Date.UTC(2027, 1, 1);
const DAY = 86_400_000;

const due = (
  now: number,
  retention: Parameters<typeof dueMonths>[1] = KEPT,
  done: Parameters<typeof dueMonths>[3] = [],
) => dueMonths('2026-11', retention, now, done).map(({ kind, month }) => `${kind}/${month}`);

test('a month is due when the last moment of it is past its days, and no moment sooner', () => {
  expect(due(FEBRUARY + DAY - 1)).toEqual(['calls/2026-11', 'lists/2026-11', 'lists/2026-12']);
  expect(due(FEBRUARY + DAY)).toEqual(['calls/2026-11', 'lists/2026-11', 'lists/2026-12', 'lists/2027-01']);
});

test('what is kept for ever is never due', () => {
  const retention = { calls: 'forever', lists: 'forever', identity: 'forever', administration: 'forever' } as const;
  expect(due(Date.UTC(2400, 0), retention)).toEqual([]);
});

test('what is done is not due again', () => {
  expect(due(FEBRUARY, KEPT, [{ kind: 'lists', month: '2026-11' }])).toEqual(['calls/2026-11', 'lists/2026-12']);
});

test('the month that runs is never due', () => {
  expect(due(Date.UTC(2026, 10, 30))).toEqual([]);
});
