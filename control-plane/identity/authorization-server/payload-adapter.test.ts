import { afterEach, beforeEach, expect, test } from 'vitest';
import type { StorageService } from '../../storage/storage.service.js';
import { onEachEngine } from '../../storage/testing/engines.js';
import { openTestStorage, type TestStorage } from '../../storage/testing/open-storage.js';
import { PayloadAdapter } from './payload-adapter.js';

onEachEngine((engine) => {
  let database: TestStorage;
  let replicas: readonly [StorageService, StorageService];

  beforeEach(async () => {
    database = await openTestStorage(engine);
    replicas = [database.storage, engine === 'postgres' ? await database.another() : database.storage];
  });
  afterEach(() => database[Symbol.asyncDispose]());

  const adapters = (model: string) =>
    replicas.map((storage) => new PayloadAdapter(model, storage)) as [PayloadAdapter, PayloadAdapter];

  test('what is written is found by id, uid and user code, by every replica, until it expires', async () => {
    const [one, other] = adapters('DeviceCode');
    await one.upsert('id', { uid: 'uid', userCode: 'CODE', params: { text: 'nul\0' } }, 60);
    const found = { uid: 'uid', userCode: 'CODE', params: { text: 'nul\0' } };
    expect([await other.find('id'), await other.findByUid('uid'), await other.findByUserCode('CODE')]).toEqual([
      found,
      found,
      found,
    ]);
    await one.upsert('id', { uid: 'uid' }, 0);
    expect(await other.find('id')).toBeUndefined();
  });

  test('of two replicas that redeem one code, one is refused', async () => {
    const [one, other] = adapters('AuthorizationCode');
    await one.upsert('id', { grantId: 'grant' }, 60);
    expect(await statuses([one.consume('id'), other.consume('id')])).toEqual(['fulfilled', 'rejected']);
    await expect(one.find('id')).resolves.toMatchObject({ consumed: expect.any(Number) as number });
  });

  test('of two replicas that are shown one proof, one is refused', async () => {
    const [one, other] = adapters('ReplayDetection');
    expect(await statuses([one.upsert('proof', {}, 60), other.upsert('proof', {}, 60)])).toEqual([
      'fulfilled',
      'rejected',
    ]);
  });

  test('of two people who type one user code at once, one gets it; then it can be decided', async () => {
    const [one, other] = adapters('DeviceCode');
    const free = { grantId: 'grant', userCode: 'CODE' };
    await one.upsert('id', free, 60);
    const taken = { ...free, inFlight: true };
    const outcomes = await Promise.allSettled([one.upsert('id', taken, 60), other.upsert('id', taken, 60)]);
    expect(outcomes.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    expect(outcomes.find(({ status }) => status === 'rejected')).toMatchObject({
      reason: { name: 'AlreadyUsedError', expose: true, statusCode: 400 },
    });
    await other.upsert('id', { ...taken, accountId: 'usr_alice' }, 60);
    expect(await one.find('id')).toMatchObject({ accountId: 'usr_alice' });
  });

  test('revoking a grant takes everything issued under it', async () => {
    const [one, other] = adapters('RefreshToken');
    await one.upsert('a', { grantId: 'grant' }, 60);
    await one.upsert('b', { grantId: 'another' }, 60);
    await other.revokeByGrantId('grant');
    expect([await one.find('a'), await one.find('b')]).toEqual([undefined, { grantId: 'another' }]);
  });
});

async function statuses(attempts: readonly Promise<unknown>[]): Promise<string[]> {
  return (await Promise.allSettled(attempts)).map(({ status }) => status).toSorted();
}
