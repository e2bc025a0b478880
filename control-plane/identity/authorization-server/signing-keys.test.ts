import { expect, test } from 'vitest';
import { onEachEngine } from '../../storage/testing/engines.js';
import { openTestStorage } from '../../storage/testing/open-storage.js';
import { loadSigningKeys } from './signing-keys.js';

onEachEngine((engine) => {
  test('control planes that start for the first time at once agree on one key', async () => {
    await using database = await openTestStorage(engine);
    const others = engine === 'postgres' ? [await database.another(), await database.another()] : [];
    const found = await Promise.all([database.storage, ...others, database.storage].map(loadSigningKeys));
    expect(found[0]).toHaveLength(1);
    expect(found[0]?.[0]).toMatchObject({ kty: 'EC', crv: 'P-256', alg: 'ES256', use: 'sig' });
    for (const keys of found) expect(keys).toEqual(found[0]);
  });
});
