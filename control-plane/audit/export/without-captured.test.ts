import { expect, test } from 'vitest';
import type { ExportedRecord } from './exported-record.js';
import { withoutCaptured } from './without-captured.js';

const RECORD: ExportedRecord = {
  idx: 0,
  header: {
    v: 1,
    id: '0197a2b0-0000-7000-8000-000000000001',
    ts: 1,
    type: 'tool.call',
    phase: 'intent',
    facts: { person: 'usr_alice' },
    payload: 'c'.repeat(64),
  },
  personal: {
    email: 'alice@acme.example',
    arguments: '{"iban":"DE89"}',
    result: '{"balance":1}',
    argumentsHash: 'ab',
    resultHash: 'cd',
    truncated: true,
    policyInput: '{"v":1,"target":{"effect":"read"},"args":{"iban":"DE89"}}',
  },
  payload: 'shown',
};

test('nothing of arguments and results leaves, the rest does', () => {
  const { personal, ...rest } = withoutCaptured(RECORD);
  expect(personal).toEqual({
    email: 'alice@acme.example',
    policyInput: '{"v":1,"target":{"effect":"read"}}',
  });
  expect(rest).toEqual({ idx: 0, header: RECORD.header, payload: 'shown' });
});

test('what policies read is left out where it cannot be read', () => {
  expect(withoutCaptured({ ...RECORD, personal: { policyInput: '{"args":{"iban":"DE' } }).personal).toEqual({});
});
