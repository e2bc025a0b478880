import { expect, test } from 'vitest';
import type { RecordHeader } from '#shared/audit-log/record-header.js';
import { requestableDenial } from './requestable-denial.js';

const NOW = Date.parse('2026-11-23T12:00:00Z');
const DAY = 86_400_000;
const FACTS = {
  person: 'usr_carol',
  server: 'crm',
  target: 'add_customer',
  decision: 'deny',
  policies: [],
  policyRevision: 'f'.repeat(64),
};
const denial = (facts: object = {}, more: Partial<RecordHeader> = {}): RecordHeader => ({
  v: 1,
  id: '019ab1c2-0000-7000-8000-000000000000',
  ts: NOW - 60_000,
  type: 'tool.call',
  phase: 'event',
  facts: { ...FACTS, ...facts },
  payload: '',
  ...more,
});
const target = (header: RecordHeader | undefined) => requestableDenial(header, 'usr_carol', NOW);

test('a tool that was denied is asked for alone; of resources and prompts it is the server', () => {
  expect(target(denial())).toEqual({ server: 'crm', tool: 'add_customer' });
  expect(target(denial({ target: 'file:///x' }, { type: 'resource.read' }))).toEqual({
    server: 'crm',
    tool: undefined,
  });
  expect(target(denial({}, { type: 'prompt.get' }))).toEqual({ server: 'crm', tool: undefined });
});

test.each([
  ['no record', undefined],
  ['somebody else’s', denial({ person: 'usr_alice' })],
  ['a call that was allowed', denial({ decision: 'allow' })],
  ['what is about no decision', denial({ decision: undefined })],
])('%s is no denial of theirs', (_, header) => {
  expect(() => target(header)).toThrow(expect.objectContaining({ code: 'not_found' }));
});

test.each([
  ['a forbid', denial({ policies: ['no-contractors'] })],
  ['a sign-in that was too old', denial({ code: 'step_up_needed' })],
  ['a policy that failed', denial({ code: 'policy_failed' })],
  ['an unknown server', denial({ policyRevision: '' })],
  ['a method', denial({ target: 'tasks/get' }, { type: 'method.use' })],
  ['a list', denial({ target: 'tools/list' }, { type: 'list' })],
  ['a name that may have been cut', denial({ target: 'x'.repeat(500) })],
  ['what is eight days old', denial({}, { ts: NOW - 7 * DAY - 1 })],
])('%s cannot be asked for', (_, header) => {
  expect(() => target(header)).toThrow(expect.objectContaining({ code: 'params_invalid' }));
});
