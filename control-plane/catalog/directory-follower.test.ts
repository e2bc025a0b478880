import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { TemporaryAudit, type OpenAudit } from '../audit/testing/open-audit.js';
import { checkDirectory } from '../commands/check-directory.js';
import type { DirectoryTexts } from '../config/read-directory.js';
import type { LoadedConfig } from '../config/settings.js';
import { Logger } from '../observability/logger.js';
import { SwitchedLeadership } from '../storage/testing/switched-leadership.js';
import { InProcessNotifications } from '../storage/notifications/in-process-notifications.js';
import { ActiveCatalog } from './active-catalog.js';
import { CatalogService } from './catalog.service.js';
import { DirectoryFollower } from './directory-follower.js';
import { RevisionStore } from './revision-store.js';

const SETTINGS = `publicUrl: https://mcp.acme.example
masterKey: env:MASTER_KEY
identity: { providers: { okta: { issuer: https://acme.okta.com, clientId: abc, clientSecret: env:IDP_SECRET } } }
servers:
  crm:
    title: Customers
    url: https://crm.acme.example/mcp
    credential: { kind: bearer, secret: file:crm.token }
`;
const ENVIRONMENT = { MASTER_KEY: Buffer.alloc(32, 7).toString('base64'), IDP_SECRET: 'abcd' };

/** One control plane's catalog, on a directory of its own and the database of all. */
class TestReplica {
  readonly directory = mkdtempSync(join(tmpdir(), 'mcp-sso-directory-'));
  readonly leadership = new SwitchedLeadership();
  log = '';

  constructor(private readonly shared: OpenAudit) {
    mkdirSync(join(this.directory, 'policies'));
    this.write('mcp-sso.yaml', SETTINGS);
    this.write('crm.token', 'token-of-crm');
  }

  write(file: string, text: string): void {
    writeFileSync(join(this.directory, file), text);
  }

  async start() {
    const destination = new PassThrough().on('data', (chunk: Buffer) => (this.log += String(chunk)));
    const logger = new Logger('info', destination);
    const { config } = await checkDirectory(this.directory, ENVIRONMENT);
    const { storage, service: audit } = this.shared;
    const notifications = new InProcessNotifications(storage.db);
    const store = new RevisionStore(storage, notifications);
    const active = ActiveCatalog.of(config!);
    const catalog = new CatalogService(active, store, notifications, audit, logger);
    const validation = {
      directory: (texts: DirectoryTexts) => checkDirectory(this.directory, ENVIRONMENT, { texts }),
      content: () => Promise.reject(new Error('not asked')),
    };
    const follower = new DirectoryFollower(config!, catalog, store, validation, this.leadership, audit, logger);
    await catalog.start({ ...config!.settings, policyFiles: config!.policyFiles });
    await follower.start();
    return {
      active,
      follower,
      title: () => active.current().servers['crm']?.title,
      /** Two readings that agree. */
      settle: async () => {
        for (let reading = 0; reading < 3; reading += 1) await follower.look();
        await catalog.refresh();
      },
      stop: async () => {
        await follower.beforeApplicationShutdown();
        await catalog.beforeApplicationShutdown();
        rmSync(this.directory, { recursive: true });
      },
    };
  }
}

const titled = (title: string): string => SETTINGS.replace('Customers', title);

let temporary: TemporaryAudit;
let shared: OpenAudit;
beforeEach(async () => {
  temporary = await TemporaryAudit.create('sqlite');
  shared = await temporary.open();
});
afterEach(async () => {
  await shared.close();
  await temporary[Symbol.asyncDispose]();
});

test('a reading is applied only when the next one agrees with it', async () => {
  const replica = new TestReplica(shared);
  const { active, follower, title, settle, stop } = await replica.start();
  await settle();
  for (const end of [100, 200, 300]) {
    replica.write('mcp-sso.yaml', titled('New').slice(0, end));
    await follower.look();
  }
  expect([active.current().number, title(), replica.log.includes('catalog.refused')]).toEqual([1, 'Customers', false]);
  replica.write('mcp-sso.yaml', titled('New'));
  await settle();
  expect([active.current().number, title()]).toEqual([2, 'New']);
  await stop();
});

test('a change that is read while the database does not answer is applied when it does', async () => {
  const replica = new TestReplica(shared);
  const { title, settle, stop } = await replica.start();
  await temporary.tamper('alter table catalog_active rename to away');
  replica.write('mcp-sso.yaml', titled('New'));
  await settle();
  await temporary.tamper('alter table away rename to catalog_active');
  await settle();
  expect(title()).toBe('New');
  await stop();
});

test('a bad directory is refused once, in words, and mending what lies outside of it applies it', async () => {
  const replica = new TestReplica(shared);
  const { active, follower, settle, stop } = await replica.start();
  replica.write('mcp-sso.yaml', titled('New').replace('crm.token', 'new.token'));
  await settle();
  await settle();
  expect(replica.log.match(/catalog\.refused/g)).toHaveLength(1);
  expect(replica.log).toContain('mcp-sso.yaml:8:41 servers.crm.credential.secret: there is no file new.token');
  expect(follower.notes).toEqual([
    'The directory is not applied. Faults: 1, the first at mcp-sso.yaml:8:41 servers.crm.credential.secret.',
  ]);
  expect(active.current().number).toBe(1);
  const { entries } = await shared.service.search({ type: 'catalog.refuse', limit: 10 });
  expect(entries.map(({ target }) => target)).toEqual(['directory']);
  replica.write('new.token', 'new-token');
  await follower.reload();
  expect([active.current().number, follower.notes]).toEqual([2, []]);
  await stop();
});

test('replicas with different directories: one leads, the other follows it and never applies its own older files', async () => {
  const [first, second] = [new TestReplica(shared), new TestReplica(shared)];
  second.leadership.leads = false;
  second.write('mcp-sso.yaml', titled('Of the second'));
  const [a, b] = [await first.start(), await second.start()];
  await b.settle();
  expect([a.title(), b.title()]).toEqual(['Customers', 'Customers']);
  first.write('mcp-sso.yaml', titled('Newer'));
  await a.settle();
  await b.settle();
  expect([a.title(), b.title(), b.active.current().number]).toEqual(['Newer', 'Newer', 2]);
  [first.leadership.leads, second.leadership.leads] = [false, true];
  for (let round = 0; round < 3; round += 1) {
    await b.settle();
    await a.settle();
  }
  expect([a.title(), b.title(), b.active.current().number]).toEqual(['Newer', 'Newer', 2]);
  second.write('mcp-sso.yaml', titled('Newest'));
  await b.settle();
  await a.settle();
  expect([a.title(), b.title(), a.active.current().number]).toEqual(['Newest', 'Newest', 3]);
  await a.stop();
  await b.stop();
});

test('a replica whose older files were bad for a moment does not take them for a change', async () => {
  const [first, second] = [new TestReplica(shared), new TestReplica(shared)];
  second.leadership.leads = false;
  const [a, b] = [await first.start(), await second.start()];
  await b.settle();
  first.write('mcp-sso.yaml', titled('Newer'));
  await a.settle();
  [first.leadership.leads, second.leadership.leads] = [false, true];
  for (const text of ['', SETTINGS]) {
    second.write('mcp-sso.yaml', text);
    await b.settle();
  }
  expect([b.title(), b.active.current().number, b.follower.notes]).toEqual(['Newer', 2, []]);
  await a.stop();
  await b.stop();
});

test('what is read at the start only is named, and the rest applied', async () => {
  const replica = new TestReplica(shared);
  const { follower, title, settle, stop } = await replica.start();
  replica.write('mcp-sso.yaml', `${titled('New')}trustedProxies: [10.0.0.0/8]\n`);
  await settle();
  await settle();
  expect(title()).toBe('New');
  expect(follower.notes).toEqual(['trustedProxies changed in mcp-sso.yaml; restart to apply it.']);
  expect(replica.log.match(/catalog\.restart-needed/g)).toHaveLength(1);
  await stop();
});

test.each([
  ['edited', 'update catalog_revisions set sealed = substr(sealed, 1, 40)'],
  ['deleted', 'delete from catalog_revisions'],
  ['exchanged for another hash', "update catalog_revisions set sha256 = 'aa'"],
])('a row that was %s is not served, until a good one is active again', async (_what, sql) => {
  const replica = new TestReplica(shared);
  const { active, title, settle, stop } = await replica.start();
  const before: LoadedConfig['settings']['servers'] = active.current().servers;
  await temporary.tamper(sql);
  // Another control plane has the row in memory; this one must look.
  const next = await replica.start();
  expect(() => next.active.current()).toThrow('cannot be read here, so nothing is served');
  expect(before).toEqual(active.latest.servers);
  replica.write('mcp-sso.yaml', titled('Mended'));
  await settle();
  await next.settle();
  expect([title(), next.title()]).toEqual(['Mended', 'Mended']);
  await next.follower.beforeApplicationShutdown();
  await stop();
});
