import { beforeEach, expect, test } from 'vitest';
import type { JsonObject } from '#shared/mcp/json-rpc.js';
import { ServerEars } from './server-ears.js';

class Ear {
  closed = false;
  readonly #ready = Promise.withResolvers<void>();
  readonly ready = this.#ready.promise;

  constructor(readonly say: (method: string) => void) {}

  opened(): Promise<void> {
    this.#ready.resolve();
    return this.ready;
  }

  close(): void {
    this.closed = true;
  }
}

let said: unknown[];
let all: Ear[];

beforeEach(() => {
  said = [];
  all = [];
});

function open(ears: ServerEars): Ear {
  ears.open((say) => {
    const ear: Ear = new Ear((method) => ear.closed || say({ method }));
    all.push(ear);
    return ear;
  });
  return all.at(-1)!;
}

const earsFor = (overlap: number) =>
  new ServerEars(({ method }: JsonObject) => {
    said.push(method);
  }, overlap);

test('while an ear takes the place of another, what both hear is said once, and what one hears is not lost', async () => {
  const ears = earsFor(60_000);
  const older = open(ears);
  older.say('before');
  await older.opened();
  const newer = open(ears);
  older.say('a');
  await newer.opened();
  newer.say('a');
  newer.say('b');
  for (const method of ['b', 'c', 'b']) older.say(method);
  for (const method of ['c', 'b', 'd']) newer.say(method);
  expect(said).toEqual(['before', 'a', 'b', 'c', 'b', 'd']);
  expect(older.closed).toBe(false);
  ears.close();
  expect([older.closed, newer.closed]).toEqual([true, true]);
});

test('the older ear closes behind the newer one, and the newer one says everything from then on', async () => {
  const ears = earsFor(0);
  const older = open(ears);
  const newer = open(ears);
  await newer.opened();
  await expect.poll(() => older.closed).toBe(true);
  for (const method of ['a', 'a', 'a']) newer.say(method);
  expect(said).toEqual(['a', 'a', 'a']);
});

test('one that is never opened keeps no third one, nor the first from hearing, and the end closes all', async () => {
  const ears = earsFor(60_000);
  const first = open(ears);
  await first.opened();
  const stuck = open(ears);
  const another = open(ears);
  expect(stuck.closed).toBe(true);
  first.say('a');
  expect(said).toEqual(['a']);
  ears.close();
  await another.opened();
  expect(all.map(({ closed }) => closed)).toEqual([true, true, true]);
});
