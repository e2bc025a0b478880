import { existsSync, readdirSync, readFileSync } from 'node:fs';
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
  return [...readFileSync(path, 'utf8').matchAll(/(['"`])(pitfall \d+,.*?)\1/g)].map(([, , name = '']) => name);
}

describe('the table of pitfalls', () => {
  it('names tests that exist, under their own number', () => {
    const wrong = rows().filter(
      ({ pitfall, file, name }) => !name.startsWith(`pitfall ${pitfall},`) || !namesIn(file).includes(name),
    );
    expect(wrong).toEqual([]);
  });

  it('leaves out no pitfall that a test here is named after', () => {
    const listed = new Set(rows().map(({ pitfall }) => pitfall));
    const files = readdirSync(FOLDER).filter((file) => file.endsWith('.test.ts'));
    const named = files.flatMap(namesIn).map((name) => Number(/\d+/.exec(name)?.[0]));
    expect(listed.size).toBeGreaterThanOrEqual(19);
    expect(named.filter((pitfall) => !listed.has(pitfall))).toEqual([]);
  });
});
