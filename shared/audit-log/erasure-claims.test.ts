import { expect, test } from 'vitest';
import { ErasureClaims } from './erasure-claims.js';
import type { RecordHeader } from './record-header.js';

const INTENT = '019ab1c2-0000-7000-8000-000000000001';

function header(type: string, more: Partial<RecordHeader> & Pick<RecordHeader, 'facts'>): RecordHeader {
  return { v: 1, id: '019ab1c2-0000-7000-8000-00000000000f', ts: 1, type, phase: 'event', payload: '', ...more };
}

const call = header('tool.call', { facts: { person: 'usr_bob' } });
const scim = header('scim.user', { facts: { target: 'scim-7' } });
const intent = header('person.erase', {
  id: INTENT,
  phase: 'intent',
  facts: { person: 'usr_owner', affected: 'usr_bob', target: 'scim-6 scim-7', decision: 'allow' },
});
const outcome = (code?: string) =>
  header('person.erase', {
    phase: 'outcome',
    ref: INTENT,
    facts: {
      affected: 'usr_bob',
      outcome: code === undefined ? 'ok' : 'error',
      ...(code === undefined ? {} : { code }),
    },
  });
const refused = header('person.erase', {
  facts: { person: 'usr_owner', affected: 'usr_bob', target: 'scim-7', decision: 'deny', code: 'legal_hold' },
});

/** What is found where bob's records are said to be erased and this is on record of it. */
function findingWith(...records: readonly RecordHeader[]): number | undefined {
  const claims = new ErasureClaims();
  for (const [index, one] of [call, scim].entries()) claims.add(index, one, { state: 'erased' });
  for (const [index, one] of records.entries()) claims.add(index + 2, one, { state: 'withheld' });
  return claims.finish()?.index;
}

test('an erasure explains what is erased, of the person and of the SCIM users that they were', () => {
  expect(findingWith(intent, outcome())).toBeUndefined();
});

test('one that was killed or failed on its way may have destroyed the key', () => {
  expect(findingWith(intent)).toBeUndefined();
  expect(findingWith(intent, outcome('database_unavailable'))).toBeUndefined();
});

test('one that a legal hold stopped explains nothing: a key that is gone was taken away', () => {
  expect(findingWith()).toBe(0);
  expect(findingWith(refused)).toBe(0);
  expect(findingWith(intent, outcome('legal_hold'))).toBe(0);
  expect(findingWith(intent, outcome('legal_hold'), { ...intent, id: call.id }, refused)).toBeUndefined();
});
