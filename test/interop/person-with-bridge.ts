import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect } from 'vitest';
import { Laptop } from '../../demo/walk/laptop.js';
import { allEnded, processesWith } from '../support/processes.js';
import { useStack } from '../support/stack.js';

/** Alice's computer, signed in, with the executable under a path that no other process of this machine has. */
export interface PersonWithBridge {
  readonly home: string;
  /** Where apps work. */
  readonly folder: string;
  readonly bridge: string;
}

/** Signs her in once, for the tests of one file. */
export function usePersonWithBridge(): () => PersonWithBridge {
  const stack = useStack();
  let person: PersonWithBridge | undefined;
  beforeAll(async () => {
    const alice = new Laptop('alice', stack().folder);
    await alice.login(stack().addresses.publicUrl);
    const bridge = join(alice.home, 'mcp-sso');
    symlinkSync(alice.executable, bridge);
    person = { home: alice.home, folder: alice.elsewhere, bridge };
  });
  return () => {
    if (!person) throw new Error('Nobody is signed in.');
    return person;
  };
}

/** No bridge of the person is left, or ends within ten seconds. */
export async function expectNoBridge({ bridge }: PersonWithBridge): Promise<void> {
  await allEnded(processesWith(bridge));
  expect(processesWith(bridge)).toEqual([]);
}
