import { expect, test } from 'vitest';
import { onEachEngine } from '../../storage/testing/engines.js';
import { openTestStorage } from '../../storage/testing/open-storage.js';
import { LoginAttempts } from './login-attempts.js';

const SECRETS = { state: 's', nonce: 'n', verifier: 'v' };

onEachEngine((engine) => {
  test('an attempt is used up by one of all who try at once, on whichever replica', async () => {
    await using database = await openTestStorage(engine);
    const other = engine === 'postgres' ? await database.another() : database.storage;
    const replicas = [new LoginAttempts(database.storage), new LoginAttempts(other)] as const;
    const attempt = {
      interaction: 'i',
      data: { provider: 'corp', secrets: SECRETS, begunAt: 1, demand: {}, browser: 'b' },
    };
    await replicas[0].put('at-idp', 'state', attempt);
    expect(await replicas[1].peek('at-idp', 'state')).toEqual(attempt);
    const taken = await Promise.all([0, 1, 0, 1].map((replica) => replicas[replica as 0 | 1].take('at-idp', 'state')));
    expect(taken.filter((one) => one !== undefined)).toEqual([attempt]);
    expect(await replicas[0].peek('at-idp', 'state')).toBeUndefined();
  });

  test('a key of one stage opens no other, and whatever a browser sends as a key is only looked up', async () => {
    await using database = await openTestStorage(engine);
    const attempts = new LoginAttempts(database.storage);
    await attempts.put('at-idp', 'key', {
      interaction: 'i',
      data: { provider: 'corp', secrets: SECRETS, begunAt: 1, demand: {}, browser: 'b' },
    });
    expect(await attempts.take('returned', 'key')).toBeUndefined();
    for (const key of ['', '\0', '\ud800', 'x'.repeat(100_000)]) {
      expect(await attempts.take('at-idp', key)).toBeUndefined();
    }
  });
});
