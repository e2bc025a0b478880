import type { LookupAddress } from 'node:dns';
import { expect, test } from 'vitest';
import { BoundedLookup } from './bounded-lookup.js';
import type { Resolve } from './guarded-connector.js';

const FOUND = [{ address: '192.0.2.1', family: 4 }];

/** Answers when a test says so, as the name servers of others may, or never. */
class SlowNames {
  readonly asked: string[] = [];
  readonly #pending: Parameters<Resolve>[2][] = [];

  readonly find: Resolve = (name, _options, done) => {
    this.asked.push(name);
    this.#pending.push(done);
  };

  answer(): void {
    this.#pending.shift()?.(null, FOUND);
  }
}

function asking(lookups: BoundedLookup, name: string): Promise<LookupAddress[]> {
  return new Promise((resolve, reject) => {
    lookups.resolve(name, { all: true }, (error, found) => (error ? reject(error) : resolve(found)));
  });
}

test('one name holds one thread, and everybody who asks for it shares the answer', async () => {
  const names = new SlowNames();
  const lookups = new BoundedLookup(names.find, 60_000);
  const slow = [asking(lookups, 'slow.example'), asking(lookups, 'slow.example')];
  const next = asking(lookups, 'next.example');
  expect(names.asked).toEqual(['slow.example']);
  names.answer();
  expect(await Promise.all(slow)).toEqual([FOUND, FOUND]);
  expect(names.asked).toEqual(['slow.example', 'next.example']);
  names.answer();
  expect(await next).toEqual(FOUND);
});

test('whoever waits for a name that never answers is told, and what nobody waits for is not asked for', async () => {
  const names = new SlowNames();
  const lookups = new BoundedLookup(names.find, 20);
  const waiting = ['slow.example', 'next.example'].map((name) => asking(lookups, name));
  const told = await Promise.allSettled(waiting);
  expect(told.map((one) => (one.status === 'rejected' ? (one.reason as Error).message : ''))).toEqual([
    'slow.example was not resolved within 20 ms',
    'next.example was not resolved within 20 ms',
  ]);
  expect(names.asked).toEqual(['slow.example']);
  names.answer();
  expect(names.asked).toEqual(['slow.example']);
});

test('a flood of names is refused, and never asked for', async () => {
  const names = new SlowNames();
  const lookups = new BoundedLookup(names.find, 60_000);
  const flood = Array.from({ length: 256 }, (_, index) => asking(lookups, `n${index}.example`));
  await expect(asking(lookups, 'one-more.example')).rejects.toThrow('too many names wait to be resolved');
  for (let index = 0; index < flood.length; index += 1) names.answer();
  await Promise.all(flood);
  expect(names.asked).not.toContain('one-more.example');
  const after = asking(lookups, 'one-more.example');
  names.answer();
  expect(await after).toEqual(FOUND);
});
