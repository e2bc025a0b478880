import { expect, test } from 'vitest';
import { Logger } from '../../observability/logger.js';
import { InProcessNotifications } from '../../storage/notifications/in-process-notifications.js';
import { onEachEngine } from '../../storage/testing/engines.js';
import { openTestStorage } from '../../storage/testing/open-storage.js';
import { SigningKeys } from './signing-keys.service.js';

const open = async (storage: Parameters<typeof SigningKeys.open>[0]) => {
  const keys = await SigningKeys.open(storage, new InProcessNotifications(storage.db), new Logger('error'), 'tokens');
  await keys.onApplicationShutdown();
  return keys.current.published;
};

onEachEngine((engine) => {
  test('control planes that start for the first time at once agree on one key', async () => {
    await using database = await openTestStorage(engine);
    const others = engine === 'postgres' ? [await database.another(), await database.another()] : [];
    const found = await Promise.all([database.storage, ...others, database.storage].map(open));
    expect(found[0]).toHaveLength(1);
    expect(found[0]?.[0]).toMatchObject({ kty: 'EC', crv: 'P-256', alg: 'ES256', use: 'sig' });
    for (const keys of found) expect(keys).toEqual(found[0]);
  });
});
