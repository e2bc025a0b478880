import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { extract } from './keyring-addon.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'addon-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('writes the addon once, for its owner alone', () => {
  const file = extract(Buffer.from('genuine'), folder);
  expect(readFileSync(file, 'utf8')).toBe('genuine');
  expect(statSync(dirname(file)).mode & 0o777).toBe(0o700);
  const { ino } = statSync(file);
  expect(statSync(extract(Buffer.from('genuine'), folder)).ino).toBe(ino);
});

test('replaces a planted addon and closes a folder that was opened', () => {
  const file = extract(Buffer.from('genuine'), folder);
  writeFileSync(file, 'planted');
  chmodSync(dirname(file), 0o777);
  expect(readFileSync(extract(Buffer.from('genuine'), folder), 'utf8')).toBe('genuine');
  expect(statSync(dirname(file)).mode & 0o777).toBe(0o700);
});
