import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const FOLDER = import.meta.dirname;

interface Row {
  readonly pitfall: number;
  readonly file: string;
  readonly name: string;
}

function rows(): Row[] {
  const lines = readFileSync(join(FOLDER, 'README.md'), 'utf8').matchAll(
    /^\| (\d+) +\|[^|]*\| `([^`]+)` +\| ([^|]+?) +\|$/gm,
  );
  return [...lines].map(([, pitfall, file = '', name = '']) => ({ pitfall: Number(pitfall), file, name }));
}

/** Names of the suites and tests of a file that carry a pitfall's number. */
function namesIn(file: string): string[] {
  const path = join(FOLDER, file);
  if (!existsSync(path)) return [];
  return [...readFileSync(path, 'utf8').matchAll(/(['"`])(pitfall \d+[,:] .*?)\1/g)].map(([, , name = '']) => name);
}

function numberOf(name: string): number {
  return Number(/\d+/.exec(name)?.[0]);
}

describe('the table of pitfalls', () => {
  it('names tests that exist, under their own number', () => {
    const wrong = rows().filter(
      ({ pitfall, file, name }) => numberOf(name) !== pitfall || !namesIn(file).includes(name),
    );
    expect(wrong).toEqual([]);
  });

  it('leaves out none of those that were tried', () => {
    const listed = new Set(rows().map(({ pitfall }) => pitfall));
    const tried = [
      1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31,
      32,
    ];
    expect(tried.filter((pitfall) => !listed.has(pitfall))).toEqual([]);
  });
});
