import { afterEach, beforeEach, expect, test } from 'vitest';
import { TemporaryAudit, type OpenAudit } from '../audit/testing/open-audit.js';
import { settingsSchema } from '../config/settings.js';
import { Logger } from '../observability/logger.js';
import { InProcessNotifications } from '../storage/notifications/in-process-notifications.js';
import { ActiveCatalog } from './active-catalog.js';
import { CatalogService } from './catalog.service.js';
import { formatContent } from './content.js';
import { unstored } from './revision.js';
import { RevisionStore } from './revision-store.js';

const { servers } = settingsSchema.parse({
  publicUrl: 'https://mcp.acme.example',
  identity: { providers: {} },
  servers: { crm: { url: 'https://crm.acme.example/mcp' } },
});
const contentOf = (group: string) => ({ servers, roles: { owner: [group] }, policyFiles: [] });

/** As on a replica that stood still, or whose connection is dead: what others publish is not heard. */
class DeafNotifications extends InProcessNotifications {
  hears = false;

  override get current(): boolean {
    return this.hears;
  }
}

let temporary: TemporaryAudit;
let shared: OpenAudit;
let notifications: DeafNotifications;
let catalog: CatalogService;
let active: ActiveCatalog;
let other: RevisionStore;

beforeEach(async () => {
  temporary = await TemporaryAudit.create('sqlite');
  shared = await temporary.open();
  const { storage, service: audit } = shared;
  notifications = new DeafNotifications(storage.db);
  active = new ActiveCatalog(unstored(contentOf('okta/first')));
  const store = new RevisionStore(storage, notifications);
  catalog = new CatalogService(active, store, notifications, audit, new Logger('error'));
  await catalog.start(contentOf('okta/first'));
  other = new RevisionStore(storage, new InProcessNotifications(storage.db));
});
afterEach(async () => {
  await catalog.beforeApplicationShutdown();
  await shared.close();
  await temporary[Symbol.asyncDispose]();
});

const replace = () =>
  other.add({ number: 2, parent: 1, source: 'api', author: 'usr_1', text: formatContent(contentOf('okta/second')) });

test('who may have missed a change asks the database before anything is decided', async () => {
  await replace();
  await active.confirm();
  expect(active.current().roles).toEqual({ owner: ['okta/second'] });
});

test('who has missed a change and cannot ask serves nothing', async () => {
  await replace();
  await temporary.tamper('alter table catalog_active rename to away');
  await expect(active.confirm()).rejects.toMatchObject({ code: 'database_unavailable' });
  await temporary.tamper('alter table away rename to catalog_active');
  await active.confirm();
  expect(active.current().number).toBe(2);
});

test('a notice is obeyed from the moment that it is heard', async () => {
  notifications.hears = true;
  await active.confirm();
  await replace();
  await notifications.publish({ topic: 'catalog', id: '2' }, () => Promise.resolve());
  await active.confirm();
  expect(active.current().number).toBe(2);
});
