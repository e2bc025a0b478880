import { expect, test } from 'vitest';
import { holdsOver, newHoldId, type HoldScope } from './legal-hold.js';

const ANY: HoldScope = { person: null, server: null, from: null, to: null };
const MAY = Date.UTC(2026, 4, 1);
const JUNE = Date.UTC(2026, 5, 1);
const JULY = Date.UTC(2026, 6, 1);

/** Of alice at the CRM, on 1 June at midnight. */
const RECORD = { people: ['usr_alice', 'scim-7'], server: 'crm', from: JUNE, to: JUNE + 1 };

test.each<[string, Partial<HoldScope>, boolean]>([
  ['nothing said: everything', {}, true],
  ['the person', { person: 'usr_alice' }, true],
  ['the person, by another id of theirs', { person: 'scim-7' }, true],
  ['somebody else', { person: 'usr_bob' }, false],
  ['the server', { server: 'crm' }, true],
  ['another server', { server: 'finance' }, false],
  ['person and server', { person: 'usr_alice', server: 'crm' }, true],
  ['the person at another server', { person: 'usr_alice', server: 'finance' }, false],
  ['from that moment on', { from: JUNE }, true],
  ['from a millisecond later', { from: JUNE + 1 }, false],
  ['until that moment', { to: JUNE }, false],
  ['until a millisecond later', { to: JUNE + 1 }, true],
  ['a time around it', { from: MAY, to: JULY }, true],
  ['all of it, and the wrong time', { person: 'usr_alice', server: 'crm', from: JULY }, false],
])('of one record: %s', (_, scope, covered) => {
  const hold = { ...ANY, ...scope };
  expect(holdsOver([hold], RECORD)).toEqual(covered ? [hold] : []);
});

test.each<[string, Partial<HoldScope>, boolean]>([
  ['whoever it is', { person: 'usr_alice' }, true],
  ['whatever server', { server: 'crm' }, true],
  ['the last moment of the month', { from: JULY - 1 }, true],
  ['the moment after it', { from: JULY }, false],
  ['until its first moment', { to: JUNE }, false],
  ['one moment within it', { person: 'usr_alice', from: JUNE + 5, to: JUNE + 6 }, true],
])('of a month of which nothing else is known: %s', (_, scope, covered) => {
  const hold = { ...ANY, ...scope };
  expect(holdsOver([hold], { from: JUNE, to: JULY })).toEqual(covered ? [hold] : []);
});

test('records of no server are covered by no hold of a server', () => {
  expect(holdsOver([{ ...ANY, server: 'crm' }, ANY], { server: null, from: JUNE, to: JULY })).toEqual([ANY]);
});

test('an id is hard to guess, and no two are the same', () => {
  expect(newHoldId()).toMatch(/^hld_[0-9a-f]{32}$/);
  expect(newHoldId()).not.toBe(newHoldId());
});
