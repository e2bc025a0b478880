import { expect, test } from 'vitest';
import type { ListedGrant, ListedGrantRequest } from '#shared/api/grants.js';
import { TimeZone } from '../../time-phrases/time-zone.js';
import { durationText, readMinutes } from '../../time-phrases/duration.js';
import { printGrant } from './grant-detail.js';
import { printGrants, printRequests } from './grant-table.js';
import { readTarget } from './grant-target.js';

const CAROL = { id: 'usr_carol', email: 'carol@acme.example', name: 'Carol' };
const GRANT: ListedGrant = {
  id: `gra_${'0'.repeat(32)}`,
  kind: 'break-glass',
  person: CAROL,
  server: 'crm',
  tool: null,
  reason: 'Outage\u001b[31m 4711',
  givenBy: CAROL,
  createdAt: '2026-11-23T08:00:00.000Z',
  expiresAt: '2026-11-23T08:30:00.000Z',
  state: 'live',
  endedAt: null,
  endedBy: null,
  reviewedAt: null,
  reviewedBy: null,
};
const REQUEST: ListedGrantRequest = {
  id: `grq_${'0'.repeat(32)}`,
  state: 'open',
  person: CAROL,
  server: 'crm',
  tool: 'add_customer',
  minutes: 90,
  reason: 'Ticket 4711',
  reference: '019ab1c2-0000-7000-8000-000000000000',
  createdAt: '2026-11-23T08:00:00.000Z',
  expiresAt: '2026-11-30T08:00:00.000Z',
  decidedAt: null,
  decidedBy: null,
  answer: null,
  grant: null,
};
const UTC = TimeZone.named('UTC')!;

test.each([
  ['30m', 30],
  ['2h', 120],
  ['1h30m', 90],
])('--for %s is %i minutes', (text, minutes) => {
  expect(readMinutes(text)).toBe(minutes);
});

test.each(['', '0m', '0h0m', '30', 'm', '-5m', '1d', '2h ', '30m1h', '1e3m'])('--for %j is refused', (text) => {
  expect(() => readMinutes(text)).toThrow('Write a duration like');
});

test('minutes as people say them', () => {
  expect([5, 60, 90].map(durationText)).toEqual(['5 min', '1 h', '1 h 30 min']);
});

test('what is after the first slash is the tool; half a target never becomes a whole server', () => {
  expect(readTarget('crm')).toEqual({ server: 'crm' });
  expect(readTarget('crm/a/b')).toEqual({ server: 'crm', tool: 'a/b' });
  for (const half of ['', '/', 'crm/', '/add']) expect(() => readTarget(half)).toThrow('Write a server');
});

test('tables fit 120 columns, say what waits for a review, and let nobody steer the terminal', () => {
  const text = printGrants([GRANT], false, UTC) + printRequests([REQUEST], true, UTC) + printGrant(GRANT, UTC);
  expect(text).toContain('live, break-glass, not reviewed');
  expect(text).toContain('crm/add_customer');
  expect(text).toContain('1 h 30 min');
  expect(text).toContain('Reviewed    not yet');
  expect(text).toContain('More match: raise --limit or name a --user.');
  expect(text).not.toContain('\u001b');
  expect(text.split('\n').every(({ length }) => length <= 120)).toBe(true);
});
