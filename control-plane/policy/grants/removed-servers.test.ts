import { expect, test, vi } from 'vitest';
import type { NewRecord } from '../../audit/record.js';
import { ActiveCatalog } from '../../catalog/active-catalog.js';
import { unstored } from '../../catalog/revision.js';
import { settingsSchema } from '../../config/settings.js';
import { Logger } from '../../observability/logger.js';
import { Metrics } from '../../observability/metrics.js';
import { InProcessNotifications } from '../../storage/notifications/in-process-notifications.js';
import { openTestStorage } from '../../storage/testing/open-storage.js';
import type { Grant } from './grant.js';
import { findGrantRow, insertGrant } from './grant-rows.js';
import { LiveGrants } from './live-grants.js';
import { RemovedServers } from './removed-servers.js';

const revision = (...names: string[]) => {
  const servers = Object.fromEntries(names.map((name) => [name, { url: `https://${name}.acme.example/mcp` }]));
  const okta = { issuer: 'https://acme.okta.com', clientId: 'x', clientSecret: 'env:S' };
  const settings = { publicUrl: 'https://mcp.acme.example', identity: { providers: { okta } }, servers };
  return unstored({ servers: settingsSchema.parse(settings).servers, roles: {}, policyFiles: [] });
};

const grantOf = (id: string, server: string): Grant => {
  const now = Date.now();
  const given = { createdAt: now, expiresAt: now + 600_000, createdBy: 'usr_dave', reason: 'Ticket 4711' };
  return { id, kind: 'grant', person: 'usr_carol', server, tool: undefined, ...given };
};

test('what was given for a server that went away while nothing ran has ended too', async () => {
  await using bed = await openTestStorage('sqlite');
  const { storage } = bed;
  const [notifications, logger] = [new InProcessNotifications(storage.db), new Logger('error')];
  const live = new LiveGrants(storage, notifications, logger, new Metrics());
  const audit = { write: () => Promise.resolve({ id: '1' }) };
  await insertGrant(storage.db, storage, grantOf('gra_1', 'crm'));
  await insertGrant(storage.db, storage, grantOf('gra_2', 'erp'));
  const catalog = new ActiveCatalog(revision('erp'));
  await new RemovedServers(catalog, storage, notifications, audit, live, logger).onApplicationBootstrap();
  expect(await findGrantRow(storage.db, 'gra_1')).toMatchObject({ ended_by: 'server-removed' });
  expect(await findGrantRow(storage.db, 'gra_2')).toMatchObject({ ended_by: null });
  await live.beforeApplicationShutdown();
  await notifications.onApplicationShutdown();
});

test('what was given for a server ends with it, on record; another server of the same name has nothing of it', async () => {
  await using bed = await openTestStorage('sqlite');
  const { storage } = bed;
  const [notifications, logger] = [new InProcessNotifications(storage.db), new Logger('error')];
  const live = new LiveGrants(storage, notifications, logger, new Metrics());
  const records: NewRecord[] = [];
  const audit = { write: async (record: NewRecord) => ({ id: String(records.push(record)) }) };
  const catalog = new ActiveCatalog(revision('crm', 'erp'));
  expect(new RemovedServers(catalog, storage, notifications, audit, live, logger)).toBeDefined();
  const person = { id: 'usr_carol', provider: 'idp', issuer: 'https://idp.example', subject: 'carol' };
  await storage.db
    .insertInto('persons')
    .values({ ...person, email: null, name: null, created_at: 1 })
    .execute();
  await insertGrant(storage.db, storage, grantOf('gra_1', 'crm'));
  await insertGrant(storage.db, storage, grantOf('gra_2', 'erp'));
  await live.confirm();
  const use = async (server: string) => {
    await live.confirm();
    return live.grantFor(person.id, server, { kind: 'tool', name: 'x' }, Date.now())?.id;
  };
  expect([await use('crm'), await use('erp')]).toEqual(['gra_1', 'gra_2']);
  catalog.activate(revision('erp'));
  expect([await use('crm'), await use('erp')]).toEqual([undefined, 'gra_2']);
  await vi.waitFor(() => expect(records).toHaveLength(1), { timeout: 10_000, interval: 5 });
  expect(records).toMatchObject([
    { type: 'grant.end', facts: { affected: 'usr_carol', server: 'crm', grant: 'gra_1' } },
  ]);
  expect(await findGrantRow(storage.db, 'gra_1')).toMatchObject({ ended_by: 'server-removed' });
  catalog.activate(revision('crm', 'erp'));
  expect(await use('crm')).toBe(undefined);
  await live.beforeApplicationShutdown();
  await notifications.onApplicationShutdown();
});
