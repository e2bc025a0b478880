import { expect, test } from 'vitest';
import { CodedError } from '#shared/errors.js';
import { UpstreamHop } from '../call/upstream-hop.js';
import { Relay } from '../relay/relay.js';
import { ParkedCalls, type ParkedCall } from './parked-calls.js';

const BINDING = { session: 'ses_a', server: 'crm', request: 'r', revision: '1' };

const reply = () => undefined;

function parkedCall(): ParkedCall {
  const body = { read: () => undefined, resume: () => undefined, abort: () => undefined };
  const relay = new Relay({ era: 'legacy', form: 'events', body, requestId: 1, reply });
  return { hop: new UpstreamHop(), relay, reply, secrets: [], question: { id: 1, request: {} } };
}

test('a parked call ends where its session is found to have ended, whoever noticed; one that was taken does not', () => {
  const watching = new Set<(reason: CodedError) => void>();
  const calls = new ParkedCalls({
    watch: (_session, end) => {
      watching.add(end);
      return { [Symbol.dispose]: () => watching.delete(end) };
    },
  });
  const [waiting, taken] = [parkedCall(), parkedCall()];
  calls.park(BINDING, 'waiting', waiting);
  calls.park(BINDING, 'taken', taken);
  expect(calls.take('ses_b', 'taken')).toBe(undefined);
  expect(calls.take('ses_a', 'taken')).toBe(taken);
  expect(watching.size).toBe(1);
  for (const end of watching) end(new CodedError('session_unconfirmed'));
  expect(waiting.hop.signal.reason).toMatchObject({ code: 'session_unconfirmed' });
  expect(taken.hop.signal.aborted).toBe(false);
  expect([watching.size, calls.take('ses_a', 'waiting')]).toEqual([0, undefined]);
});
