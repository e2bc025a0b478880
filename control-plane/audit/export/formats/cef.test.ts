import { expect, test } from 'vitest';
import type { ExportedRecord } from '../exported-record.js';
import { cef } from './cef.js';

const ID = '0197a2b0-0000-7000-8000-000000000001';
const RECORD: ExportedRecord = {
  idx: 41,
  header: {
    v: 1,
    id: ID,
    ts: 1_800_000_000_000,
    type: 'tool.call',
    phase: 'intent',
    facts: {
      person: 'usr_alice',
      server: 'finance',
      target: 'get_report',
      decision: 'allow',
      policies: ['a', 'b'],
      replica: 'ab12',
    },
    payload: 'c'.repeat(64),
  },
  personal: { email: 'alice@acme.example', address: '192.0.2.7', reason: 'Finance may read.' },
  payload: 'shown',
};

test('a call that was allowed', () => {
  expect(cef(RECORD)).toBe(
    `CEF:0|mcp-sso|mcp-sso|1|tool.call|tool.call intent|2|rt=1800000000000 externalId=${ID} cat=tool.call deviceExternalId=ab12 outcome=Allowed suid=usr_alice suser=alice@acme.example src=192.0.2.7 destinationServiceName=finance act=get_report msg=Finance may read. cn1=41 cn1Label=index cs1=allow cs1Label=decision cs2=a,b cs2Label=policies`,
  );
});

test('what an app claims to be is never in the place of the client that the token proves', () => {
  const header = { ...RECORD.header, facts: { client: 'mcp-bridge' } };
  const line = cef({ ...RECORD, header, personal: { claimedClient: { name: 'mcp-sso-admin', version: '1' } } });
  expect(line).toContain(
    ' requestClientApplication=mcp-bridge flexString1=mcp-sso-admin flexString1Label=claimedClient ',
  );
});

test('an outcome of which nobody is named, as it failed', () => {
  const facts = { outcome: 'tool_error', durationMs: 41.6 };
  const header = { ...RECORD.header, phase: 'outcome', ref: ID, facts } as const;
  expect(cef({ ...RECORD, header, personal: {} })).toBe(
    `CEF:0|mcp-sso|mcp-sso|1|tool.call|tool.call outcome|5|rt=1800000000000 externalId=${ID} cat=tool.call outcome=Failure reason=tool_error cn1=41 cn1Label=index cn2=42 cn2Label=durationMs cs4=${ID} cs4Label=intent`,
  );
});

test('no text of a person breaks out of its field', () => {
  const personal = { email: 'a|b', reason: 'x=1\\ suid=usr_bob\r\nCEF:0|forged', address: '2001:db8::7' };
  const header = { ...RECORD.header, type: 'a|b\\c\nd', facts: {} };
  expect(cef({ ...RECORD, header, personal })).toBe(
    String.raw`CEF:0|mcp-sso|mcp-sso|1|a\|b\\c d|a\|b\\c d intent|2|rt=1800000000000 externalId=${ID} cat=a|b\\c\nd outcome=Allowed suser=a|b c6a2=2001:db8::7 c6a2Label=Source IPv6 Address msg=x\=1\\ suid\=usr_bob\r\nCEF:0|forged cn1=41 cn1Label=index`,
  );
});
