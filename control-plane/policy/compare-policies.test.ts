import { expect, test } from 'vitest';
import { comparePolicies } from './compare-policies.js';

const long = (letter: string) => Array.from({ length: 20_000 }, (_line, at) => `${letter}${at}\n`);
const tests = (text: string) => [{ file: 'policies/a.test.yaml', text }];

test('files are compared by lines', () => {
  expect(comparePolicies(tests('a\nb\n'), tests('a\nc')).files).toEqual([
    { file: 'policies/a.test.yaml', change: 'changed', diff: ' a\n-b\n+c' },
  ]);
});

test('texts with nothing in common, which would hold up every call, are shown whole', () => {
  const [before, after] = [long('a'), long('b')];
  const [file] = comparePolicies(tests(before.join('')), tests(after.join(''))).files;
  const lines = [...before.map((line) => `-${line}`), ...after.map((line) => `+${line}`)];
  expect(file?.diff === lines.join('').trimEnd()).toBe(true);
});
