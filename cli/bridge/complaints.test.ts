import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '..', '..');

interface Row {
  readonly number: number;
  readonly code: readonly string[];
  readonly tests: readonly string[];
}

function rows(): Row[] {
  const lines = readFileSync(join(import.meta.dirname, 'COMPLAINTS.md'), 'utf8').split('\n');
  return lines.flatMap((line) => {
    const [, complaint = '', , code = '', tests = ''] = line.split('|');
    const number = /^ (\d+)\. /.exec(complaint)?.[1];
    return number === undefined ? [] : [{ number: Number(number), code: filesIn(code), tests: filesIn(tests) }];
  });
}

const filesIn = (cell: string): string[] => [...cell.matchAll(/`([^`]+)`/g)].map(([, file = '']) => file);

test('the table has all twenty, and names code that is there', () => {
  expect(rows().map(({ number }) => number)).toEqual([
    1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20,
  ]);
  expect(rows().flatMap(({ code }) => code.filter((file) => !existsSync(join(ROOT, file))))).toEqual([]);
});

test('each has a test that is named after it', () => {
  const nameless = rows().filter(
    ({ number, tests }) =>
      tests.length === 0 ||
      tests.some((file) => !readFileSync(join(ROOT, file), 'utf8').includes(`'complaint ${number}, `)),
  );
  expect(nameless).toEqual([]);
});
