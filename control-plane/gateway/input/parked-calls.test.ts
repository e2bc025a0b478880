import { expect, test } from 'vitest';
import { CodedError } from '#shared/errors.js';
import { UpstreamHop } from '../call/upstream-hop.js';
import { Relay } from '../relay/relay.js';
import { ParkedCalls, type ParkedCall } from './parked-calls.js';

const BINDING = { session: 'ses_a', server: 'crm', request: 'r', revision: '1' };

const BOUNDS = { parkedPerPerson: 2, parkedPerServer: 3, parkedCalls: 4 };
const reply = () => undefined;

function parkedCall(): ParkedCall {
  const body = { read: () => undefined, resume: () => undefined, abort: () => undefined };
  const relay = new Relay({ era: 'legacy', form: 'events', body, requestId: 1, reply });
  return { hop: new UpstreamHop(), relay, reply, secrets: [], question: { id: 1, request: {} } };
}

test('a parked call ends where its session is found to have ended, whoever noticed; one that was taken does not', () => {
  const watching = new Set<(reason: CodedError) => void>();
  const calls = new ParkedCalls(
    {
      watch: (_session, end) => {
        watching.add(end);
        return { [Symbol.dispose]: () => watching.delete(end) };
      },
    },
    BOUNDS,
  );
  const [waiting, taken] = [parkedCall(), parkedCall()];
  calls.park('usr_a', BINDING, 'waiting', waiting);
  calls.park('usr_a', BINDING, 'taken', taken);
  expect(calls.take('ses_b', 'taken')).toBe(undefined);
  expect(calls.take('ses_a', 'taken')).toBe(taken);
  expect(watching.size).toBe(1);
  for (const end of watching) end(new CodedError('session_unconfirmed'));
  expect(waiting.hop.signal.reason).toMatchObject({ code: 'session_unconfirmed' });
  expect(taken.hop.signal.aborted).toBe(false);
  expect([watching.size, calls.take('ses_a', 'waiting')]).toEqual([0, undefined]);
});

test('a person over all sign-ins, a server, and the control plane have their bounds, and places come back', () => {
  const calls = new ParkedCalls({ watch: () => ({ [Symbol.dispose]: () => undefined }) }, BOUNDS);
  const park = (person: string, server: string, session = person): ParkedCall => {
    const call = parkedCall();
    calls.park(person, { ...BINDING, session, server }, `${session} ${server}`, call);
    return call;
  };
  park('a', 'crm');
  park('a', 'crm', 'the other laptop of a');
  expect(() => park('a', 'erp')).toThrowError(
    'You have 2 calls that wait for an answer of a person, which is the limit (limits.parkedPerPerson). This one was cancelled',
  );
  park('b', 'crm');
  expect(() => park('c', 'crm')).toThrowError('(limits.parkedPerServer)');
  park('c', 'erp');
  expect(() => park('d', 'erp')).toThrowError('(limits.parkedCalls)');
  expect(calls.take('a', 'a crm')?.hop.signal.aborted).toBe(false);
  park('a', 'erp');
  calls.endSession('b');
  park('d', 'crm');
  calls.close();
});
