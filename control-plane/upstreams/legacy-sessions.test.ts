import { expect, test } from 'vitest';
import { LegacySessions, type LegacySession } from './legacy-sessions.js';
import { SessionEvents } from './session-events.js';
import type { Access } from './upstream-request.js';

const NO_EVENTS = new SessionEvents({ start: () => undefined, stop: () => undefined, request: () => undefined });

const NO_ACCESS: Access = { headers: {}, query: {}, environment: {}, files: {}, mask: (text) => text };

function setUp(bound = 10) {
  const state = { now: 0, opened: 0, closed: [] as string[] };
  const sessions = new LegacySessions({ sessions: bound, sessionIdle: 900_000 }, () => state.now);
  const acquire = (partition: string, server = 'crm'): Promise<LegacySession> =>
    sessions.acquire({ partition, server, client: '' }, () => {
      const id = `${partition}-${(state.opened += 1)}`;
      const close = (): void => void state.closed.push(id);
      const fixed = {
        events: NO_EVENTS,
        server,
        partition,
        client: '',
        id,
        version: '2025-11-25',
        initialize: {},
        access: NO_ACCESS,
        close,
      };
      return Promise.resolve({ ...fixed, logLevel: undefined, lastRequestId: 0, lastUsed: 0 });
    });
  return { state, sessions, acquire };
}

test('a sign-in has one session at a server, whoever asks first, and never another’s', async () => {
  const { state, acquire } = setUp();
  const [first, second] = await Promise.all([acquire('alice'), acquire('alice')]);
  expect(first).toBe(second);
  expect(await acquire('bob')).not.toBe(first);
  expect(await acquire('alice', 'erp')).not.toBe(first);
  expect(state.opened).toBe(3);
});

test('the end of a sign-in closes its sessions, also one whose handshake is under way', async () => {
  const { state, sessions, acquire } = setUp();
  await acquire('alice');
  await acquire('bob');
  const late = acquire('alice', 'erp');
  sessions.closePartition('alice');
  await late;
  expect(state.closed.toSorted()).toEqual(['alice-1', 'alice-3']);
  expect((await acquire('alice')).id).toBe('alice-4');
});

test('idle sessions are closed, used ones are kept', async () => {
  const { state, sessions, acquire } = setUp();
  await acquire('alice');
  await acquire('bob');
  state.now = 600_000;
  await acquire('bob');
  state.now = 1_000_000;
  sessions.closeIdle();
  expect(state.closed).toEqual(['alice-1']);
});

test('at the bound the session that was used least recently gives way', async () => {
  const { state, acquire } = setUp(2);
  await acquire('alice');
  await acquire('bob');
  await acquire('alice');
  await acquire('carol');
  expect(state.closed).toEqual(['bob-2']);
});

test('a failed handshake is forgotten, and so is a session that its server forgot', async () => {
  const { sessions, acquire } = setUp();
  await expect(
    sessions.acquire({ partition: 'alice', server: 'crm', client: '' }, () => Promise.reject(new Error('down'))),
  ).rejects.toThrow('down');
  const session = await acquire('alice');
  sessions.forget(session);
  const next = await acquire('alice');
  expect(next).not.toBe(session);
  sessions.forget(session);
  expect(await acquire('alice')).toBe(next);
});
