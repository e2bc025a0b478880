import { expect, test } from 'vitest';
import type { ExportedRecord } from '../exported-record.js';
import { FORMATS } from './formats.js';

/** For one reader or another an end of line, a command of the terminal, a change of direction, or the end of the text. */
const HOSTILE = 'a\n\r\u2028\u2029\u0085\u001b[2J\u009b2J\u202egpj\u2066\u200b\u0000\u{e0041}CEF:0|b=c';

const RECORD: ExportedRecord = {
  idx: 41,
  header: {
    v: 1,
    id: '0197a2b0-0000-7000-8000-000000000001',
    ts: 1_800_000_000_000,
    type: 'tool.call',
    phase: 'event',
    facts: { server: 'crm', target: HOSTILE, policies: [HOSTILE] },
    payload: 'c'.repeat(64),
  },
  personal: { name: HOSTILE, reason: HOSTILE, groups: [HOSTILE], claimedClient: { name: HOSTILE, version: HOSTILE } },
  payload: 'shown',
};

test.each(['ndjson', 'ocsf', 'cef'] as const)(
  'pitfall 16, log injection: what others wrote stays in its field, in %s',
  (format) => {
    const line = FORMATS[format](RECORD);
    expect(line).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
    expect(line.isWellFormed()).toBe(true);
  },
);

test('a parser of JSON reads what was written', () => {
  expect(JSON.parse(FORMATS.ndjson(RECORD))).toEqual(RECORD);
});
