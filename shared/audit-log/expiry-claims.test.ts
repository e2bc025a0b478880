import { expect, test } from 'vitest';
import { ExpiryClaims } from './expiry-claims.js';
import type { RecordHeader } from './record-header.js';

const DECEMBER = Date.UTC(2026, 11, 1);
/** Of the last millisecond of November. */
const ID = '01a22ee6-afff-7000-8000-000000000001';
const EXPIRED = { state: 'expired' } as const;

function header(more: Partial<RecordHeader>): RecordHeader {
  const payload = '0'.repeat(64);
  return { v: 1, id: ID, ts: DECEMBER, type: 'list', phase: 'event', facts: {}, payload, ...more };
}

function verdict(target: string, ts: number, type = 'audit.expire'): unknown {
  const claims = new ExpiryClaims();
  claims.add(0, header({ type: 'tool.call' }), { state: 'withheld' });
  claims.add(1, header({}), EXPIRED);
  claims.add(2, header({ type, ts, facts: { target } }), { state: 'withheld' });
  return claims.finish();
}

test('what is expired by a record of its kind and month holds', () => {
  expect(verdict('lists/2026-11', DECEMBER)).toBeUndefined();
});

test.each([
  ['another kind', 'calls/2026-11', DECEMBER, 'audit.expire'],
  ['another month', 'lists/2026-10', DECEMBER, 'audit.expire'],
  ['before the month was over', 'lists/2026-11', DECEMBER - 1, 'audit.expire'],
  ['a record of another type', 'lists/2026-11', DECEMBER, 'audit.read'],
  ['no month', 'lists/', DECEMBER, 'audit.expire'],
])('what is expired by a record of %s was removed', (_case, target, ts, type) => {
  expect(verdict(target, ts, type)).toEqual({
    index: 1,
    id: ID,
    message: 'The personal data of record 1 is gone, and no expiry of lists/2026-11 is on record: it was removed.',
  });
});
