import { afterEach, beforeEach, expect, test } from 'vitest';
import { settingsSchema } from '../config/settings.js';
import { InProcessNotifications } from '../storage/notifications/in-process-notifications.js';
import { onEachEngine } from '../storage/testing/engines.js';
import { openTestStorage, type TestStorage } from '../storage/testing/open-storage.js';
import { formatContent } from './content.js';
import { RevisionStore } from './revision-store.js';

const { servers, roles } = settingsSchema.parse({
  publicUrl: 'https://mcp.acme.example',
  identity: { providers: {} },
  servers: { crm: { url: 'https://crm.acme.example/mcp' } },
});
const textOf = (policy: string): string =>
  formatContent({ servers, roles, policyFiles: [{ file: 'policies/a.cedar', text: policy }] });
const made = (number: number, parent: number | null, source: 'files' | 'api' = 'files') => {
  return { number, parent, source, author: 'system', text: textOf(`// ${number} by ${source}`) };
};

onEachEngine((engine) => {
  let opened: TestStorage;
  let store: RevisionStore;
  const heard: string[] = [];

  beforeEach(async () => {
    opened = await openTestStorage(engine);
    const notifications = new InProcessNotifications(opened.storage.db);
    notifications.subscribe('catalog', (number) => heard.push(number));
    heard.length = 0;
    store = new RevisionStore(opened.storage, notifications);
  });
  afterEach(() => opened[Symbol.asyncDispose]());

  test('the pointer follows each revision, back too, and each move is heard', async () => {
    expect([await store.pointer(), await store.nextNumber()]).toEqual([undefined, 1]);
    await store.add(made(1, null));
    await store.add(made(2, 1));
    expect(await store.pointer()).toMatchObject({ number: 2 });
    await store.point(1, 2);
    const pointer = await store.pointer();
    const [second, first] = await store.list({ limit: 10 });
    expect(pointer).toMatchObject({ number: 1, sha256: first?.sha256, appliedSha256: null });
    expect([second, first]).toMatchObject([
      { number: 2, parent: 1, source: 'files', author: 'system' },
      { number: 1, parent: null },
    ]);
    expect((await store.find(2))?.().policyFiles).toEqual([{ file: 'policies/a.cedar', text: '// 2 by files' }]);
    expect([await store.find(3), await store.nextNumber()]).toEqual([undefined, 3]);
    expect(heard).toEqual(['1', '2', '1']);
  });

  test('each move is kept with its time, also back to where it was; what failed to move is not', async () => {
    await store.add(made(1, null));
    await store.add({ ...made(2, 1, 'api'), message: 'for the test' });
    await store.point(1, 2);
    await expect(store.point(2, 2)).rejects.toMatchObject({ code: 'catalog_stale' });
    const { db } = opened.storage;
    const rows = await db.selectFrom('catalog_activations').select(['number', 'activated_at']).orderBy('id').execute();
    expect(rows.map(({ number }) => number)).toEqual([1, 2, 1]);
    expect(rows.at(-1)?.activated_at).toBe((await store.pointer())?.activatedAt);
    expect((await store.list({ limit: 10 })).map(({ message }) => message)).toEqual(['for the test', null]);
  });

  test('what was applied is the directory’s hash, and none after a change by the API', async () => {
    await store.add(made(1, null));
    const [first] = await store.list({ limit: 1 });
    expect((await store.pointer())?.appliedSha256).toBe(first?.sha256);
    await store.add(made(2, 1, 'api'));
    expect((await store.pointer())?.appliedSha256).toBeNull();
  });

  test('of two who change the same parent at once, one is told that it is stale, and leaves nothing', async () => {
    // SQLite has one control plane, and so one connection.
    const storage = engine === 'sqlite' ? opened.storage : await opened.another();
    const other = new RevisionStore(storage, new InProcessNotifications(storage.db));
    const race = async (number: number, parent: number | null): Promise<string[]> => {
      const results = await Promise.allSettled([
        store.add(made(number, parent)),
        other.add(made(number, parent, 'api')),
      ]);
      return results.map(({ status }) => status).toSorted();
    };
    expect(await race(1, null)).toEqual(['fulfilled', 'rejected']);
    expect(await race(2, 1)).toEqual(['fulfilled', 'rejected']);
    await expect(store.point(1, 1)).rejects.toMatchObject({ code: 'catalog_stale' });
    await expect(store.add(made(3, 1))).rejects.toMatchObject({ code: 'catalog_stale' });
    expect((await store.list({ limit: 10 })).map(({ number }) => number)).toEqual([2, 1]);
    expect((await store.pointer())?.number).toBe(2);
  });

  test.each([
    ['cut', /authenticate/, 'update catalog_revisions set sealed = substr(sealed, 1, 40) where number = 2'],
    [
      'put in the place of another',
      /authenticate/,
      'update catalog_revisions set sealed = (select sealed from catalog_revisions where number = 1) where number = 2',
    ],
    [
      'given another hash',
      /not the one that was stored/,
      "update catalog_revisions set sha256 = 'aa' where number = 2",
    ],
  ])('a row that was %s does not open', async (_what, why, sql) => {
    await store.add(made(1, null));
    await store.add(made(2, 1));
    await opened.database.run(sql);
    const open = await store.find(2);
    expect(() => open?.()).toThrow(why);
    expect((await store.find(1))?.().number).toBe(1);
  });

  test('a pointer to a row that is gone says so', async () => {
    await store.add(made(1, null));
    await opened.database.run('delete from catalog_revisions');
    expect(await store.pointer()).toMatchObject({ number: 1, sha256: null });
  });
});
