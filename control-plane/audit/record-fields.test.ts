import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { RECORD_FIELDS } from './record-fields.js';
import { RECORD_TYPES } from './record.js';
import { isSecretName } from './capture/secret-name.js';

const PAGE = readFileSync('docs/audit-record.md', 'utf8');

function section(title: string): string {
  const [, text = ''] = PAGE.split(`\n## ${title}\n`);
  return text.split('\n## ')[0]!;
}

/** First column of the table under a heading. */
function documented(title: string): string[] {
  return [...section(title).matchAll(/^\| `([^`]+)`/gm)].map(([, name]) => name!).toSorted();
}

test.each([
  ['Header', Object.keys(RECORD_FIELDS.header)],
  ['Facts', Object.keys(RECORD_FIELDS.facts)],
  ['Personal part', Object.keys(RECORD_FIELDS.personal)],
  ['Types', [...RECORD_TYPES]],
])('docs/audit-record.md has exactly what the code has: %s', (title, names) => {
  expect(documented(title)).toEqual(names.toSorted());
});

test('each row names a control', () => {
  const rows = PAGE.split('\n').filter((line) => line.startsWith('| `'));
  expect(rows.filter((row) => !/PCI DSS|HIPAA|SOC 2|GDPR/.test(row.split('|').at(-2) ?? ''))).toEqual([]);
});

test('each name that the page says is masked is masked', () => {
  const [, rule = ''] = section('What is captured').split('punctuation contains');
  const names = [...rule.split('; the same')[0]!.matchAll(/`(\w+)`/g)].map(([, name]) => name!);
  expect([names.length, names.filter((name) => !isSecretName(name))]).toEqual([28, []]);
});
