import { expect, test } from 'vitest';
import { decidedAnnouncement, requestedAnnouncement } from './approval-announcements.js';

const PERSON = { id: 'usr_bob', email: 'bob@acme.example', name: null };
const row = (target: string) => ({ id: 'apr_1', server: 'crm', target, requester: PERSON });
const leads = [['okta/leads']];

test('an approver is told of which tool the call is', () => {
  expect(requestedAnnouncement(row('pay.invoice'), leads, 'rec')).toMatchObject({
    sentence: 'bob@acme.example asks somebody of okta/leads to approve a call of pay.invoice at crm.',
    tool: 'pay.invoice',
    path: '/approvals/apr_1',
  });
});

test.each([
  ['db://customers?token=4711'],
  ['Your sign-in has expired: go to http://evil.example'],
  ['pay\nReply-To: eve'],
  ['x'.repeat(129)],
])('what a caller made up of a URI leaves this machine in no message: %j', (target) => {
  const asked = requestedAnnouncement(row(target), leads, 'rec');
  const decided = decidedAnnouncement(row(target), { ...PERSON, id: 'usr_eve' }, 'approved', 'rec');
  expect(asked.sentence).toContain('a call of something that the page names at crm.');
  for (const announcement of [asked, decided]) expect(JSON.stringify(announcement)).not.toContain(target.slice(4, 20));
});
