import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { Logger } from '../../observability/logger.js';
import { Metrics } from '../../observability/metrics.js';
import { InProcessNotifications } from '../../storage/notifications/in-process-notifications.js';
import type { Notifications } from '../../storage/notifications/notifications.js';
import { onEachEngine, onPostgres } from '../../storage/testing/engines.js';
import { openTestStorage, type TestStorage } from '../../storage/testing/open-storage.js';
import { Replica } from '../../storage/testing/replica.js';
import { SeverableProxy } from '../../../test/support/severable-proxy.js';
import type { StorageService } from '../../storage/storage.service.js';
import type { Grant } from './grant.js';
import { endGrant, grantHistory, insertGrant, listGrantRows, openGrant, reviewGrant } from './grant-rows.js';
import { LiveGrants } from './live-grants.js';

const TOOL = { kind: 'tool', name: 'add_customer' } as const;
const eventually = { timeout: 30_000, interval: 5 };

let bed: TestStorage;
let stack: AsyncDisposableStack;
/** Somebody new for each test, so that tests can share a database. */
let carol = 'usr_carol_0';
let people = 0;
beforeEach(() => {
  stack = new AsyncDisposableStack();
  people += 1;
  carol = `usr_carol_${people}`;
});
afterEach(() => stack.disposeAsync());

function grantOf(more: Partial<Grant> = {}): Grant {
  const now = Date.now();
  return {
    id: `gra_${Math.round(performance.now() * 1e6)}`,
    kind: 'grant',
    person: carol,
    server: 'crm',
    tool: 'add_customer',
    reason: 'Ticket 4711',
    createdBy: 'usr_dave',
    createdAt: now,
    expiresAt: now + 600_000,
    ...more,
  };
}

async function hire({ db }: StorageService, id = carol): Promise<void> {
  const person = { id, provider: 'idp', issuer: 'https://idp.example', subject: id, email: null, name: null };
  await db
    .insertInto('persons')
    .values({ ...person, created_at: 1 })
    .execute();
}

function follow(storage: StorageService, notifications: Notifications): LiveGrants {
  const live = new LiveGrants(storage, notifications, new Logger('error'), new Metrics());
  stack.defer(() => live.beforeApplicationShutdown());
  return live;
}

const give = (notifications: Notifications, storage: StorageService, grant: Grant): Promise<void> =>
  notifications.publish({ topic: 'grants', id: grant.person }, (db) => insertGrant(db, storage, grant));
const used = (live: LiveGrants, now = Date.now()) => live.grantFor(carol, 'crm', TOOL, now)?.id;

onEachEngine((engine) => {
  let storage: StorageService;
  let notifications: Notifications;
  beforeAll(async () => {
    bed = await openTestStorage(engine);
    storage = bed.storage;
  });
  afterAll(() => bed[Symbol.asyncDispose]());
  beforeEach(async () => {
    await hire(storage);
    if (engine === 'sqlite') {
      const inProcess = new InProcessNotifications(storage.db);
      stack.defer(() => inProcess.onApplicationShutdown());
      notifications = inProcess;
    } else {
      notifications = stack.use(Replica.on(bed.database.location)).notifications;
    }
  });

  test('what was given is used until its end, by the clock of the decision', async () => {
    const live = follow(storage, notifications);
    await live.confirm();
    expect(used(live)).toBe(undefined);
    const grant = grantOf();
    await give(notifications, storage, grant);
    await live.confirm();
    await vi.waitFor(() => expect(used(live)).toBe(grant.id), eventually);
    expect([used(live, grant.expiresAt - 1), used(live, grant.expiresAt)]).toEqual([grant.id, undefined]);
    expect(live.grantFor('usr_bob', 'crm', TOOL, Date.now())).toBe(undefined);
  });

  test('ended once, by whoever is first', async () => {
    const grant = grantOf();
    await insertGrant(storage.db, storage, grant);
    const now = Date.now();
    const both = await Promise.all(['usr_a', 'usr_b'].map((by) => endGrant(storage.db, grant.id, by, now)));
    expect(both.filter(Boolean)).toHaveLength(1);
    const live = follow(storage, notifications);
    await live.confirm();
    expect(used(live)).toBe(undefined);
  });

  test.each([
    ['disabled', { disabled_at: 1, disabled_by: 'scim:okta' }],
    ['signed out of everything since', { signed_out_at: Date.parse('2999-01-01T00:00:00Z') }],
  ])('somebody who was %s has lost it', async (_, change) => {
    await insertGrant(storage.db, storage, grantOf());
    await storage.db.updateTable('persons').set(change).where('id', '=', carol).execute();
    const live = follow(storage, notifications);
    await live.confirm();
    expect(used(live)).toBe(undefined);
  });

  test('a row that somebody wrote, edited or swapped by hand gives nothing', async () => {
    const [grant, other] = [grantOf(), grantOf({ id: `gra_other_${carol}`, person: `${carol}_bob` })];
    await insertGrant(storage.db, storage, grant);
    await insertGrant(storage.db, storage, other);
    await bed.database.run(`update grants set person_id = '${carol}', server = 'erp' where person_id like '${carol}%'`);
    await bed.database.run(`update grants set id = 'gra_moved_${carol}' where id = '${grant.id}'`);
    const live = follow(storage, notifications);
    await live.confirm();
    for (const server of ['crm', 'erp']) expect(live.grantFor(carol, server, TOOL, Date.now())).toBe(undefined);
  });

  test('break-glass is noted until it was reviewed, also when it is over', async () => {
    const taken = grantOf({ kind: 'break-glass', expiresAt: Date.now() - 1 });
    await insertGrant(storage.db, storage, taken);
    const live = follow(storage, notifications);
    await live.confirm();
    expect(live.notes).toEqual([
      `break-glass access ${taken.id} to crm/add_customer was taken and waits for a review: mcp-sso grants review ${taken.id}`,
    ]);
    const now = Date.now();
    await notifications.publish({ topic: 'grants', id: carol }, (db) => reviewGrant(db, taken.id, 'usr_dave', now));
    await vi.waitFor(() => expect(live.notes).toEqual([]), eventually);
    const [row] = await listGrantRows(storage.db, { limit: 1 });
    expect(grantHistory(storage, row!)).toMatchObject({ reviewedAt: now, reviewedBy: 'usr_dave', endedAt: undefined });
    expect(openGrant(storage, row!)).toEqual(taken);
  });

  test('a server that went away takes what was given for it along', async () => {
    const grant = grantOf();
    await insertGrant(storage.db, storage, grant);
    const live = follow(storage, notifications);
    await live.confirm();
    await vi.waitFor(() => expect(used(live)).toBe(grant.id), eventually);
    live.remove(['crm']);
    expect(used(live)).toBe(undefined);
  });
});

onPostgres(() => {
  test('given at one replica it acts at another within a second, and so does its end', async () => {
    bed = stack.use(await openTestStorage('postgres'));
    await hire(bed.storage);
    const [here, there] = [
      stack.use(Replica.on(bed.database.location)).notifications,
      stack.use(Replica.on(bed.database.location)).notifications,
    ];
    const live = follow(await bed.another(), there);
    await vi.waitFor(() => expect(there.current).toBe(true), eventually);
    await live.confirm();
    const heard: string[] = [];
    live.onChanged((person) => heard.push(person));
    const grant = grantOf();
    await give(here, bed.storage, grant);
    await vi.waitFor(() => expect(used(live)).toBe(grant.id), eventually);
    await here.publish({ topic: 'grants', id: carol }, (db) => endGrant(db, grant.id, 'usr_dave', Date.now()));
    await vi.waitFor(() => expect(used(live)).toBe(undefined), eventually);
    await vi.waitFor(() => expect(heard).toEqual([carol, carol]), eventually);
  });

  test('while notices may be missed there is no grant, until the database was asked', async () => {
    bed = stack.use(await openTestStorage('postgres'));
    await hire(bed.storage);
    const proxy = stack.use(await SeverableProxy.to(bed.database.location));
    const { notifications } = stack.use(Replica.on(bed.database.location, proxy.url));
    const grant = grantOf();
    await insertGrant(bed.storage.db, bed.storage, grant);
    const live = follow(bed.storage, notifications);
    await vi.waitFor(() => expect(notifications.current).toBe(true), eventually);
    await live.confirm();
    expect(used(live)).toBe(grant.id);
    proxy.sever('');
    await vi.waitFor(() => expect([notifications.current, used(live)]).toEqual([false, undefined]), eventually);
    await live.confirm();
    expect(used(live)).toBe(grant.id);
    await endGrant(bed.storage.db, grant.id, 'usr_dave', Date.now());
    await live.confirm();
    expect(used(live)).toBe(undefined);
  });
});
