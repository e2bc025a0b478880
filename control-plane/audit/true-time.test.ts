import { expect, test } from 'vitest';
import { clockFault } from './true-time.js';

const NOON = Date.UTC(2027, 0, 15, 12);
const LIMIT = 300_000;

test('without a clock of the database only the newest record counts, and only backwards', () => {
  const known = { newest: NOON, database: undefined };
  expect(clockFault([NOON - LIMIT], known)).toBeUndefined();
  expect(clockFault([NOON + 86_400_000], known)).toBeUndefined();
  expect(clockFault([NOON - LIMIT - 1], known)).toBe(
    'The clock of this machine is 5 minutes behind the newest audit record. Set it right (NTP).',
  );
  expect(clockFault([NOON], { newest: 0, database: undefined })).toBeUndefined();
});

test('the clock of the database counts both ways, for each of the records', () => {
  const known = { newest: NOON, database: NOON };
  expect(clockFault([NOON - LIMIT, NOON + LIMIT], known)).toBeUndefined();
  const ahead = 'The clock of this machine is 60 minutes ahead of the database. Set it right (NTP).';
  expect(clockFault([NOON + 12 * LIMIT], known)).toBe(ahead);
  expect(clockFault([NOON, NOON + 12 * LIMIT, NOON], known)).toBe(ahead);
  expect(clockFault([NOON - 12 * LIMIT, NOON], known)).toBe(
    'The clock of this machine is 60 minutes behind the database. Set it right (NTP).',
  );
});

test('beside the database, who is a little behind is not refused for the sake of who is a little ahead', () => {
  expect(clockFault([NOON - LIMIT], { newest: NOON + LIMIT, database: NOON })).toBeUndefined();
});

test('where the database itself was set back, nobody writes, and it is named', () => {
  expect(clockFault([NOON], { newest: NOON + 12 * LIMIT, database: NOON })).toBe(
    'The clock of the database is 60 minutes behind the newest audit record. Set it right (NTP).',
  );
});
