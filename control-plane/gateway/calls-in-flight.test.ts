import { expect, test } from 'vitest';
import { CallsInFlight } from './calls-in-flight.js';

const BOUNDS = { callsPerPerson: 2, callsPerServer: 2, callSeconds: 60 };
const of = (person: string, id = person) => ({ id, person: { id: person } });
const reasonOf = ({ reason }: AbortSignal) => (reason as { code?: string } | undefined)?.code;

test('a person, over all sign-ins, and a server have their bounds, and places come back', () => {
  const calls = new CallsInFlight(BOUNDS);
  const first = calls.begin(of('alice'));
  const second = calls.begin(of('alice'));
  for (const device of ['alice', 'alice’s other laptop']) {
    expect(() => calls.begin(of('alice', device))).toThrowError(
      'You have 2 calls or streams under way, which is the limit (limits.callsPerPerson). Try again when one has ended.',
    );
  }
  const other = calls.begin(of('bob'));
  first.enter('crm');
  second.enter('crm');
  expect(() => other.enter('crm')).toThrowError(
    'The MCP server has 2 calls under way, which is the limit (limits.callsPerServer). The call was not made.',
  );
  first.end();
  first.end();
  other.enter('crm');
  calls.begin(of('alice')).end();
  second.end();
  other.end();
});

test('only the named call of the named sign-in is cancelled', () => {
  const calls = new CallsInFlight(BOUNDS);
  const mine = calls.begin(of('alice'), 's 1');
  const text = calls.begin(of('alice'), 's "1"');
  const others = calls.begin(of('bob'), 's 1');
  calls.cancel('alice', 's 1');
  expect([mine, text, others].map(({ signal }) => reasonOf(signal))).toEqual(['interrupted', undefined, undefined]);
  calls.endSession('bob');
  expect(reasonOf(others.signal)).toBe('session_ended');
  for (const call of [mine, text, others]) call.end();
});

test('a call has a longest life', async () => {
  const calls = new CallsInFlight({ ...BOUNDS, callSeconds: 0.005 });
  const call = calls.begin(of('alice'));
  await new Promise((resolve) => call.signal.addEventListener('abort', resolve, { once: true }));
  expect(reasonOf(call.signal)).toBe('upstream_timeout');
  call.end();
});

test('calls and streams are counted apart', () => {
  const calls = new CallsInFlight(BOUNDS);
  const call = calls.begin(of('alice'));
  const stream = calls.begin(of('bob'));
  stream.lasts();
  expect(calls.counts).toEqual({ calls: 1, streams: 1 });
  for (const one of [call, stream]) one.end();
  expect(calls.counts).toEqual({ calls: 0, streams: 0 });
});

test('a stop refuses new calls, ends streams, waits for the calls under way and aborts the rest', async () => {
  const calls = new CallsInFlight(BOUNDS);
  const quick = calls.begin(of('alice'));
  const slow = calls.begin(of('bob'));
  slow.signal.addEventListener('abort', () => slow.end(), { once: true });
  const stream = calls.begin(of('dave'));
  stream.signal.addEventListener('abort', () => stream.end(), { once: true });
  stream.lasts();
  const closed = calls.close(20);
  expect([reasonOf(stream.signal), reasonOf(slow.signal)]).toEqual(['shutting_down', undefined]);
  expect(() => calls.begin(of('carol'))).toThrowError(expect.objectContaining({ code: 'shutting_down' }));
  quick.end();
  await closed;
  expect([reasonOf(quick.signal), reasonOf(slow.signal)]).toEqual([undefined, 'shutting_down']);
});
