import { expect, test } from 'vitest';
import type { CodedError } from '#shared/errors.js';
import type { Notifications } from '../../storage/notifications/notifications.js';
import type { SessionsService } from './sessions.service.js';
import type { LastUse } from './last-use.js';
import { SessionsUnderWay, type IsUse } from './sessions-under-way.js';

/** Sessions whose database answers as the test says; times are milliseconds after the calls began. */
function watch() {
  const database = { live: new Set(['s1', 's2']), down: false, asked: [] as string[][] };
  const channel = { current: true };
  const [heard, read, found, used] = [[], [], [], []] as [string[], string[], string[], string[]];
  const lastUse: Pick<LastUse, 'note'> = { note: (id) => void used.push(id) };
  const sessions = {
    liveAmong: (ids: string[]) => {
      database.asked.push(ids);
      return database.down ? Promise.reject(new Error('down')) : Promise.resolve(database.live);
    },
    hearEnded: (id: string) => heard.push(id),
    read: (id: string) => Promise.resolve(read.push(id)),
    find: (id: string) => Promise.resolve(found.push(id)),
  } as unknown as SessionsService;
  const underWay = new SessionsUnderWay(sessions, channel as Notifications, lastUse as LastUse);
  // Whole, so that sums and differences are exact.
  const begun = Math.ceil(performance.now());
  const ended: string[] = [];
  const begin = (id: string, isUse?: IsUse) =>
    underWay.begin(id, ({ code }: CodedError) => ended.push(`${id} ${code}`), isUse);
  const look = async (at: number): Promise<void> => {
    underWay.look(begun + at);
    await underWay.answered();
  };
  return { database, channel, heard, read, found, used, ended, begin, look };
}

test('every five seconds the database is asked, and calls of a session that ended end', async () => {
  const { database, heard, ended, begin, look } = watch();
  begin('s1');
  begin('s2');
  await look(0);
  database.live.delete('s1');
  for (const at of [1_000, 2_000, 4_900]) await look(at);
  expect([database.asked, ended]).toEqual([[['s1', 's2']], []]);
  await look(5_000);
  expect([heard, ended]).toEqual([['s1'], ['s1 session_ended']]);
});

test('while notices are not heard it is asked at every look', async () => {
  const { database, channel, ended, begin, look } = watch();
  begin('s1');
  channel.current = false;
  for (const at of [0, 1_000]) await look(at);
  database.live.clear();
  await look(2_000);
  expect([database.asked.length, ended]).toEqual([3, ['s1 session_ended']]);
});

test('nothing is asked when nothing is under way', async () => {
  const { database, channel, begin, look } = watch();
  channel.current = false;
  begin('s1')[Symbol.dispose]();
  await look(60_000);
  expect(database.asked).toEqual([]);
});

test('a call goes on for thirty seconds without an answer, and no longer', async () => {
  const { database, ended, begin, look } = watch();
  begin('s1');
  await look(20_000);
  database.down = true;
  for (const at of [30_000, 40_000, 50_000]) await look(at);
  expect(ended).toEqual([]);
  await look(50_001);
  expect(ended).toEqual(['s1 session_unconfirmed']);
});

test('a call that is being used counts for its session at each question, and one that is silent does not', async () => {
  const { used, begin, look } = watch();
  let came = true;
  begin('s1', () => came);
  begin('s1');
  begin('s2', () => false);
  await look(0);
  came = false;
  await look(5_000);
  expect(used).toEqual(['s1']);
});

test('what lives is judged by the roles of now, from memory; what does not is read, so that its end is stored', async () => {
  const { database, channel, found, read, begin, look } = watch();
  begin('s1');
  begin('s2');
  database.live.delete('s2');
  await look(0);
  expect([found, read]).toEqual([['s1'], ['s2']]);
  channel.current = false;
  await look(1_000);
  expect(found).toEqual(['s1']);
});
