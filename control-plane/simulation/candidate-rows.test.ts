import { expect, test } from 'vitest';
import { onEachEngine } from '../storage/testing/engines.js';
import { openTestStorage } from '../storage/testing/open-storage.js';
import {
  countDifferences,
  listDifferences,
  storeCandidate,
  storedTarget,
  type CountedDifference,
} from './candidate-rows.js';

const difference = (target: string): CountedDifference => {
  return {
    person: 'usr_eve',
    server: 'crm',
    target: storedTarget(target),
    live: 'allow',
    candidate: 'deny',
    calls: 1,
    last: 'rec',
  };
};

test('names that the database would take for the same are the same', () => {
  expect(storedTarget('nul\0')).toBe('nul\ufffd');
  expect(storedTarget(`${'x'.repeat(199)}\u{1f600}`)).toBe(`${'x'.repeat(199)}\ufffd`);
});

onEachEngine((engine) => {
  test('names that a caller makes up end no candidate and fill no table', async () => {
    await using bed = await openTestStorage(engine);
    const { storage } = bed;
    const content = { files: [], author: 'usr_dave', message: null };
    const id = await storeCandidate(storage.db, storage, content, 1);
    await countDifferences(storage.db, id, [difference('a'), difference('nul\0')], 2, 2);
    await countDifferences(storage.db, id, [difference('a'), difference('nul\0'), difference('more')], 3, 2);
    const found = await listDifferences(storage.db, id);
    const counted = new Map(found.map(({ target, calls }) => [target, calls]));
    expect(counted).toEqual(
      new Map([
        ['a', 2],
        ['nul\ufffd', 2],
      ]),
    );
  });
});
