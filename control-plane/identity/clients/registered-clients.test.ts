import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { onEachEngine } from '../../storage/testing/engines.js';
import { openTestStorage, type TestStorage } from '../../storage/testing/open-storage.js';
import { RegisteredClients } from './registered-clients.js';

const HOUR = 3_600_000;
const CLIENT = { client_id: 'x', redirect_uris: ['https://apps.test/callback'] };

onEachEngine((engine) => {
  let database: TestStorage;

  beforeEach(async () => {
    database = await openTestStorage(engine);
  });
  afterEach(async () => {
    vi.useRealTimers();
    await database[Symbol.asyncDispose]();
  });

  const clients = (redirectHosts: string[], most?: number) =>
    new RegisteredClients({ redirectHosts }, database.storage, most);

  test('one that nobody signs in by is forgotten after an hour, one that is used after a month', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const known = clients(['apps.test']);
    for (const id of ['unused', 'used']) await known.upsert(id, CLIENT);
    await known.keep('used');
    vi.setSystemTime(Date.now() + HOUR + 1);
    expect([await known.find('unused'), await known.find('used')]).toEqual([undefined, CLIENT]);
    vi.setSystemTime(Date.now() + 30 * 24 * HOUR);
    expect(await known.find('used')).toBeUndefined();
  });

  test('where there are too many, those go first that nobody used', async () => {
    const known = clients(['apps.test'], 3);
    await known.upsert('used', CLIENT);
    await known.keep('used');
    for (const id of ['a', 'b', 'c', 'd']) await known.upsert(id, CLIENT);
    const found = await Promise.all(['used', 'a', 'b', 'c', 'd'].map((id) => known.find(id)));
    expect(found.filter((client) => client !== undefined)).toHaveLength(3);
    expect(found[0]).toEqual(CLIENT);
  });

  test('is unknown where the settings no longer name its hosts, or no longer allow registration', async () => {
    await clients(['apps.test']).upsert('x', CLIENT);
    expect(await clients(['apps.test', 'other.test']).find('x')).toEqual(CLIENT);
    expect(await clients(['other.test']).find('x')).toBeUndefined();
    expect(await new RegisteredClients('off', database.storage).find('x')).toBeUndefined();
  });
});
