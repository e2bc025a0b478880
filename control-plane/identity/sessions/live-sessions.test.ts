import { expect, test } from 'vitest';
import type { Session } from '../caller.js';
import { LiveSessions } from './live-sessions.js';

const session = { id: 's1' } as Session;

test('a session is loaded once and then read from memory', async () => {
  let loads = 0;
  const live = new LiveSessions(() => {
    loads += 1;
    return Promise.resolve(session);
  });
  expect(await live.find('s1')).toBe(session);
  expect(await live.find('s1')).toBe(session);
  expect(loads).toBe(1);
});

test('an end beats a load that began before it, and a late change', async () => {
  const row = Promise.withResolvers<Session | undefined>();
  const live = new LiveSessions(() => row.promise);
  const found = live.find('s1');
  expect(live.end('s1')).toBe(true);
  row.resolve(session);
  expect(await found).toBeUndefined();
  live.put(session);
  expect(await live.find('s1')).toBeUndefined();
  expect(live.end('s1')).toBe(false);
});
