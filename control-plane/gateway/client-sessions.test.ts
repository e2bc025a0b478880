import { expect, test } from 'vitest';
import { ClientSessions } from './client-sessions.js';
import type { LegacyClientSession } from './eras/legacy-session.js';

const BOUNDS = { subscriptions: 3, subscriptionBytes: 2_000 };
const ROOM = { perSignIn: 2, sessions: 4, bytes: 3_000 };

function session(signIn: string, sid: string, beganAt = 1): LegacyClientSession {
  const agreed = { version: '2025-11-25', clientInfo: undefined, capabilities: {}, endpoint: null };
  return { ...agreed, signIn, sid, beganAt, expiresAt: Date.now() + 60_000 };
}

const uri = (length: number, name: string) => name.padEnd(length, 'x');
const keptOf = (sessions: ClientSessions, names: string) =>
  names.split(' ').filter((name) => sessions.peek(session(name[0]!, name)) !== undefined);

test('subscriptions are bounded by their number at a server and by their bytes over all sessions of a sign-in', () => {
  const sessions = new ClientSessions(BOUNDS);
  const [first, second] = [session('a', 'a1'), session('a', 'a2')];
  for (const name of ['1', '2', '3', '3']) sessions.subscribe(first, 'crm', name);
  expect(() => sessions.subscribe(first, 'crm', '4')).toThrowError(
    'More than 3 resources are subscribed to (limits.subscriptions). Subscribe to fewer.',
  );
  sessions.subscribe(second, 'crm', uri(600, 'large'));
  const over = 'The resources that are subscribed to take more than 2000 bytes (limits.subscriptionBytes).';
  expect(() => sessions.subscribe(first, 'erp', uri(200, 'next'))).toThrowError(over);
  sessions.subscribe(session('b', 'b1'), 'crm', uri(600, 'large'));
  sessions.unsubscribe(second, 'crm', uri(600, 'large'));
  sessions.subscribe(first, 'erp', uri(200, 'next'));
  sessions.end(first);
  sessions.subscribe(second, 'crm', uri(900, 'large'));
});

test('who takes too much room loses their own sessions, least recently used first, and none that has a stream', () => {
  const sessions = new ClientSessions(BOUNDS, ROOM);
  sessions.of(session('b', 'b1'));
  sessions.of(session('a', 'a1')).stream = { changed: () => undefined, end: () => undefined };
  for (const sid of ['a2', 'a3']) sessions.of(session('a', sid));
  expect(keptOf(sessions, 'a1 a2 a3 b1')).toEqual(['a1', 'a3', 'b1']);
  sessions.of(session('c', 'c1'));
  sessions.of(session('d', 'd1'));
  expect(keptOf(sessions, 'a1 a3 b1 c1 d1')).toEqual(['a1', 'a3', 'c1', 'd1']);
});

test('all sign-ins together have so many bytes, and those that were used least recently go first', () => {
  const sessions = new ClientSessions(BOUNDS, ROOM);
  sessions.subscribe(session('a', 'a1'), 'crm', uri(600, 'large'));
  sessions.subscribe(session('b', 'b1'), 'crm', uri(600, 'large'));
  sessions.of(session('a', 'a1'));
  sessions.subscribe(session('c', 'c1'), 'crm', uri(600, 'large'));
  expect(keptOf(sessions, 'a1 b1 c1')).toEqual(['a1', 'c1']);
});

test('a session that was ended stays ended, however many come after it, and others stay open', () => {
  const sessions = new ClientSessions(BOUNDS, ROOM);
  const ended = session('a', 'ended', 10);
  const later = session('a', 'later', 20_000);
  sessions.of(later);
  sessions.end(ended);
  for (let n = 0; n < 10_000; n += 1) sessions.end(session('a', `n${n}`, 11 + n));
  expect([ended, later, session('b', 'other', 10)].map((one) => sessions.isEnded(one))).toEqual([true, false, false]);
  // Older than what can be known one by one: refused rather than opened again.
  expect(sessions.isEnded(session('a', 'older', 5))).toBe(true);
  sessions.endSignIn('a');
  expect(sessions.peek(later)).toBe(undefined);
});
