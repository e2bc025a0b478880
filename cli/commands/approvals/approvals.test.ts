import { expect, test } from 'vitest';
import type { ListedApproval } from '#shared/api/approvals.js';
import { TimeZone } from '../../time-phrases/time-zone.js';
import type { CallApi } from '../api-answer.js';
import type { CommandContext } from '../context.js';
import { printApproval, printApprovals } from './approval-text.js';
import { decideApproval, listApprovals, showApproval } from './approvals.js';

const ID = `apr_${'3f'.repeat(16)}`;
const APPROVAL: ListedApproval = {
  id: ID,
  state: 'open',
  requester: { id: 'usr_alice', email: 'alice@acme.example', name: 'Alice' },
  actors: [],
  server: 'crm',
  target: 'delete\u001b[8m_customer',
  reason: 'Deleting needs a second person.',
  groups: [['okta/leads', 'okta/heads'], ['okta/security']],
  createdAt: '2026-11-23T08:00:00.000Z',
  expiresAt: '2026-11-23T08:30:00.000Z',
  refusal: null,
  arguments: '{\n  "id": "c-1\u001b[2J"\n}',
  mine: true,
  own: false,
};
const OWN: ListedApproval = { ...APPROVAL, mine: false, own: true, arguments: null };
const UTC = TimeZone.named('UTC')!;

function stand(answer: unknown, json = false) {
  const sent: unknown[][] = [];
  let out = '';
  const call: CallApi = async (...request) => {
    sent.push(request);
    return answer;
  };
  const context = { json, stdout: (text: string) => void (out += text) } as unknown as CommandContext;
  return { call, context, sent, out: () => out };
}

test('the list says what the reader may decide, and what of theirs waits', async () => {
  const { context, call, sent, out } = stand({ approvals: [APPROVAL, OWN] });
  expect(await listApprovals(context, { tz: 'UTC' }, call)).toBe(0);
  expect(sent).toEqual([['GET', '/api/v1/approvals']]);
  expect(out()).toContain('alice@acme.example');
  expect(out()).toMatch(/open +you +crm/);
  expect(out()).toContain('Read one before you decide it: mcp-sso approvals show ID');
  expect(printApprovals([OWN], UTC)).not.toContain('Read one');
  expect(printApprovals([], UTC)).toBe('No call waits for your approval, and none of yours waits for anybody.\n');
});

test('one is shown with its arguments and the commands that decide it, and nothing in it steers the terminal', async () => {
  const { context, call, sent, out } = stand(APPROVAL);
  expect(await showApproval(context, ID, { tz: 'UTC' }, call)).toBe(0);
  expect(sent).toEqual([['GET', `/api/v1/approvals/${ID}`]]);
  expect(out()).toContain('Decided by  somebody of okta/leads or okta/heads and somebody of okta/security');
  expect(out()).toContain('"id": "c-1');
  expect(out()).toContain(`Approve it: mcp-sso approvals approve ${ID}\nRefuse it:  mcp-sso approvals refuse ${ID}\n`);
  expect(out()).not.toContain('\u001b');
});

test('who asked reads no arguments and no commands, but what was said to them', () => {
  const text = printApproval({ ...OWN, state: 'refused', refusal: 'Not\u001b[1m today' }, UTC);
  expect(text).toContain('Who asks    you');
  expect(text).toMatch(/Refused {5}Not.* today/);
  expect(text).not.toContain('mcp-sso approvals approve');
  expect(text).not.toContain('\u001b');
});

test.each(['approve', 'refuse'] as const)('%s sends that verdict, and a reason where there is one', async (verdict) => {
  const { context, call, sent, out } = stand({ ...APPROVAL, mine: false }, true);
  expect(await decideApproval(context, ID, verdict, { tz: 'UTC', reason: 'Seen' }, call)).toBe(0);
  expect(await decideApproval(context, ID, verdict, { tz: 'UTC' }, call)).toBe(0);
  const path = `/api/v1/approvals/${ID}/decision`;
  expect(sent).toEqual([
    ['POST', path, { verdict, reason: 'Seen' }],
    ['POST', path, { verdict }],
  ]);
  expect(JSON.parse(out().split('\n')[0] ?? '')).toMatchObject({ id: ID, mine: false });
});

test('an id is no path, and a time zone that nobody knows asks nothing', async () => {
  const { context, call, sent } = stand(APPROVAL);
  await showApproval(context, '../users', { tz: 'UTC' }, call);
  expect(sent).toEqual([['GET', '/api/v1/approvals/..%2Fusers']]);
  await expect(decideApproval(context, ID, 'approve', { tz: 'Mars/Base' }, call)).rejects.toThrow('no time zone');
  expect(sent).toHaveLength(1);
});
