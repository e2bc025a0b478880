import { expect, test } from 'vitest';
import { boundsOf, firstIdAt, monthOf, nextMonth } from './record-month.js';

const NEW_YEAR = Date.UTC(2027, 0);

test('the month of a record is that of its id, to the millisecond', () => {
  expect(firstIdAt(NEW_YEAR)).toBe('01a2ce8b-d400-0000-0000-000000000000');
  expect(monthOf('01a2ce8b-d400-7000-8000-000000000000')).toBe('2027-01');
  expect(monthOf('01a2ce8b-d3ff-7fff-bfff-ffffffffffff')).toBe('2026-12');
});

test('a bound by id parts what was made before from what was made after', () => {
  expect('01a2ce8b-d3ff-7fff-bfff-ffffffffffff' < firstIdAt(NEW_YEAR)).toBe(true);
  expect('01a2ce8b-d400-7000-8000-000000000000' > firstIdAt(NEW_YEAR)).toBe(true);
});

test('a month ends where the next one begins', () => {
  expect(boundsOf('2026-12')).toEqual({ start: Date.UTC(2026, 11), end: NEW_YEAR });
  expect([nextMonth('2026-11'), nextMonth('2026-12')]).toEqual(['2026-12', '2027-01']);
  expect(boundsOf('2026-13').end).toBeNaN();
});
