import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ROOT } from '../../demo/stack/root.js';
import { bundleProgram } from './bundle.mjs';

/** A part that is loaded when it is needed; any other is compiled together with the one that names it. */
const LATER = /Promise\.resolve\(\)\.then\(\(\)=>(?:\w+\()?require\("\.\/[^"]+"\)/g;
const NAMED = /require\("\.\/([^"]+)"\)/g;

let folder: string;
let parts: readonly string[];
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'mcp-sso-bundle-'));
  ({ parts } = await bundleProgram(ROOT, folder, '1.0.0'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What V8 compiles once a part is loaded, by the names of the parts. */
function compiledWith(part: string, known = new Set<string>()): Set<string> {
  if (known.has(part)) return known;
  known.add(part);
  const source = readFileSync(join(folder, part), 'utf8').replaceAll(LATER, '');
  for (const [, name = ''] of source.matchAll(NAMED)) compiledWith(name, known);
  return known;
}

function kilobytes(names: Iterable<string>): number {
  return [...names].reduce((sum, name) => sum + statSync(join(folder, name)).size, 0) / 1024;
}

test('a bridge starts with less than 120 KB of program, and every other verb is loaded when it is asked for', () => {
  const bridge = parts.find((part) => part.startsWith('bridge-')) ?? '';
  const program = parts.find((part) => part.startsWith('program-')) ?? '';
  const started = new Set([...compiledWith('main.js'), ...compiledWith(bridge)]);
  expect(started).not.toContain(program);
  expect(kilobytes(started)).toBeLessThan(120);
  expect(kilobytes(parts)).toBeGreaterThan(800);
});
