import { expect, test } from 'vitest';
import { onEachEngine } from '../storage/testing/engines.js';
import { openTestStorage } from '../storage/testing/open-storage.js';
import { UsedTokens } from './used-tokens.js';

const LATER = 4_000_000_000_000;

onEachEngine((engine) => {
  test('a token is good for one use, and of several uses at once for one', async () => {
    await using opened = await openTestStorage(engine);
    const replicas = [new UsedTokens(opened.storage), new UsedTokens(opened.storage)];
    const uses = await Promise.all(
      replicas.flatMap((used) => Array.from({ length: 4 }, () => used.use('https://idp.test', 'one', LATER))),
    );
    expect(uses.filter(Boolean)).toHaveLength(1);
    expect(await replicas[0]!.use('https://idp.test', 'one', LATER)).toBe(false);
    expect(await replicas[1]!.isUsed('https://idp.test', 'one')).toBe(true);
    expect(await replicas[1]!.isUsed('https://idp.test', 'two')).toBe(false);
  });

  test('two issuers may give the same jti, and no two pairs are taken for one', async () => {
    await using opened = await openTestStorage(engine);
    const used = new UsedTokens(opened.storage);
    expect(await used.use('https://idp.test', 'a', LATER)).toBe(true);
    expect(await used.use('https://other.test', 'a', LATER)).toBe(true);
    expect(await used.use('https://idp.test/', 'a', LATER)).toBe(true);
  });
});
