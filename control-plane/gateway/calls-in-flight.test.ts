import { expect, test } from 'vitest';
import { CallsInFlight } from './calls-in-flight.js';

const BOUNDS = { perSession: 2, perServer: 2, total: 60_000 };
const reasonOf = ({ reason }: AbortSignal) => (reason as { code?: string } | undefined)?.code;

test('a sign-in and a server have their bounds, and places come back', () => {
  const calls = new CallsInFlight(BOUNDS);
  const first = calls.begin('alice');
  const second = calls.begin('alice');
  expect(() => calls.begin('alice')).toThrowError(expect.objectContaining({ code: 'rate_limited' }));
  const other = calls.begin('bob');
  first.enter('crm');
  second.enter('crm');
  expect(() => other.enter('crm')).toThrowError(expect.objectContaining({ code: 'rate_limited' }));
  first.end();
  first.end();
  other.enter('crm');
  calls.begin('alice').end();
  second.end();
  other.end();
});

test('only the named call of the named sign-in is cancelled', () => {
  const calls = new CallsInFlight(BOUNDS);
  const mine = calls.begin('alice', 's 1');
  const text = calls.begin('alice', 's "1"');
  const others = calls.begin('bob', 's 1');
  calls.cancel('alice', 's 1');
  expect([mine, text, others].map(({ signal }) => reasonOf(signal))).toEqual(['interrupted', undefined, undefined]);
  calls.endSession('bob');
  expect(reasonOf(others.signal)).toBe('session_ended');
  for (const call of [mine, text, others]) call.end();
});

test('a call has a longest life', async () => {
  const calls = new CallsInFlight({ ...BOUNDS, total: 5 });
  const call = calls.begin('alice');
  await new Promise((resolve) => call.signal.addEventListener('abort', resolve, { once: true }));
  expect(reasonOf(call.signal)).toBe('upstream_timeout');
  call.end();
});

test('a stop refuses new calls, waits for those under way and aborts the rest', async () => {
  const calls = new CallsInFlight(BOUNDS);
  const quick = calls.begin('alice');
  const slow = calls.begin('bob');
  slow.signal.addEventListener('abort', () => slow.end(), { once: true });
  const closed = calls.close(20);
  expect(() => calls.begin('carol')).toThrowError(expect.objectContaining({ code: 'shutting_down' }));
  quick.end();
  await closed;
  expect([reasonOf(quick.signal), reasonOf(slow.signal)]).toEqual([undefined, 'shutting_down']);
});
