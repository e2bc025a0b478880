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

test('what was given for a server ends with it, on record; another server of the same name has nothing of it', async () => {
  await using bed = await openTestStorage('sqlite');
  const { storage } = bed;
  const [notifications, logger] = [new InProcessNotifications(storage.db), new Logger('error')];
  const live = new LiveGrants(storage, notifications, logger, new Metrics());
  const records: NewRecord[] = [];
  const audit = { write: async (record: NewRecord) => ({ id: String(records.push(record)) }) };
  const catalog = new ActiveCatalog(revision('crm', 'erp'));
  new RemovedServers(catalog, notifications, audit, live, logger);
  const person = { id: 'usr_carol', provider: 'idp', issuer: 'https://idp.example', subject: 'carol' };
  await storage.db
    .insertInto('persons')
    .values({ ...person, email: null, name: null, created_at: 1 })
    .execute();
  const now = Date.now();
  const grant: Grant = {
    id: 'gra_1',
    kind: 'grant',
    person: person.id,
    server: 'crm',
    tool: undefined,
    reason: 'Ticket 4711',
    createdBy: 'usr_dave',
    createdAt: now,
    expiresAt: now + 600_000,
  };
  await insertGrant(storage.db, storage, grant);
  await insertGrant(storage.db, storage, { ...grant, id: 'gra_2', server: 'erp' });
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
