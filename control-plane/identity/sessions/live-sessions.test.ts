import { expect, test } from 'vitest';
import type { Session } from '../caller.js';
import { LiveSessions } from './live-sessions.js';

const session = { id: 's1', clientId: 'first' } as Session;
const changed = { ...session, clientId: 'second' };

/** Memory over a database whose answers the test gives, in the order of the questions. */
function memory(current: () => boolean = () => true) {
  const answers: ((answer: Session | undefined) => void)[] = [];
  const live = new LiveSessions(() => {
    const { promise, resolve } = Promise.withResolvers<Session | undefined>();
    answers.push(resolve);
    return promise;
  }, current);
  return { live, answers };
}

/** Memory that has read the session. */
async function remembering(current?: () => boolean) {
  const { live, answers } = memory(current);
  const found = live.find('s1');
  answers[0]?.(session);
  expect(await found).toBe(session);
  return { live, answers };
}

test('a session is loaded once and then read from memory', async () => {
  const { live, answers } = await remembering();
  expect(await live.find('s1')).toBe(session);
  expect(answers).toHaveLength(1);
});

test('an end beats a load that began before it, and a change after it', async () => {
  const { live, answers } = memory();
  const found = live.find('s1');
  expect(live.end('s1')).toBe(true);
  answers[0]?.(session);
  expect(await found).toBeUndefined();
  live.forget('s1');
  live.forgetAll();
  expect(await live.find('s1')).toBeUndefined();
  expect(live.end('s1')).toBe(false);
  expect(answers).toHaveLength(1);
});

test('while memory is not current every question goes to the database, after it was asked', async () => {
  let current = true;
  const { live, answers } = await remembering(() => current);
  current = false;
  const [first, second] = [live.find('s1'), live.find('s1')];
  expect(answers).toHaveLength(3);
  answers[1]?.(changed);
  answers[2]?.(undefined);
  expect([await first, await second]).toEqual([changed, undefined]);
  current = true;
  void live.find('s1');
  expect(answers).toHaveLength(4);
});

test('a changed session is read again, and what was read before the change is not kept', async () => {
  const { live, answers } = await remembering();
  live.forget('s1');
  const early = live.find('s1');
  live.forget('s1');
  answers[1]?.(session);
  await early;
  const late = live.find('s1');
  answers[2]?.(changed);
  expect(await late).toBe(changed);
  expect(await live.find('s1')).toBe(changed);
});

test('after a gap everything is read again', async () => {
  const { live, answers } = await remembering();
  live.forgetAll();
  const found = live.find('s1');
  expect(answers).toHaveLength(2);
  answers[1]?.(undefined);
  expect(await found).toBeUndefined();
});

test('an answer that fails is nobody’s session', async () => {
  const live = new LiveSessions(
    () => Promise.reject(new Error('no database')),
    () => false,
  );
  await expect(live.find('s1')).rejects.toThrow('no database');
});
