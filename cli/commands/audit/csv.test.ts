import { expect, test } from 'vitest';
import { csvText } from './csv.js';

test('cells are quoted where they must be, lines end as RFC 4180 wants', () => {
  const rows = [
    ['a', 'b,c', null],
    ['say "x"', 'two\nlines', -7],
  ];
  expect(csvText(rows)).toBe('a,"b,c",\r\n"say ""x""","two\nlines",-7\r\n');
});

test('nothing in a cell steers a terminal or shows it as another', () => {
  const group = 'okta/\u001b[2J\u009b1m\u202esrekcatta\u2066\u0000\u2028\u200b';
  expect(csvText([[group]])).toBe('okta/\ufffd[2J\ufffd1m\ufffdsrekcatta\ufffd\ufffd\ufffd\ufffd\r\n');
});

test.each([
  ['=HYPERLINK("https://evil.example")', `"'=HYPERLINK(""https://evil.example"")"\r\n`],
  ['+1+1', `'+1+1\r\n`],
  ['-2+3', `'-2+3\r\n`],
  ['@SUM(A1)', `'@SUM(A1)\r\n`],
  ['\t=1', `'\t=1\r\n`],
  ['\r=1', `"'\r=1"\r\n`],
  ['\n=1', `"'\n=1"\r\n`],
  [' =1', `' =1\r\n`],
  ['＝1+1', `'＝1+1\r\n`],
])('%j is no formula to a spreadsheet', (attack, cell) => {
  expect(csvText([[attack]])).toBe(cell);
});
