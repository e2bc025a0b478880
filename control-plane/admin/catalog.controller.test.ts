import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { catalogSchema, revisionSchema, type ShownRevision } from '#shared/api/catalog.js';
import { CodedError } from '#shared/errors.js';
import { ActiveCatalog } from '../catalog/active-catalog.js';
import { formatContent, writtenServers } from '../catalog/content.js';
import { RevisionStore } from '../catalog/revision-store.js';
import { InProcessNotifications } from '../storage/notifications/in-process-notifications.js';
import { StorageService } from '../storage/storage.service.js';
import { Company, type SignedIn } from './testing/company.js';

const CRM = { url: 'https://crm.corp.test/mcp', credential: { kind: 'bearer', secret: 'env:CRM_TOKEN' } };
const POLICY = {
  file: 'policies/all.cedar',
  text: '@id("all") @reason("For the test.") permit (principal, action, resource in Mcp::Server::"crm");',
};

let company: Company;
const signedIn = new Map<string, SignedIn>();
const by = (name: string): SignedIn => signedIn.get(name)!;
let active: ShownRevision;

beforeAll(async () => {
  company = await Company.start({ catalog: { source: 'api' }, servers: { crm: CRM } }, { CRM_TOKEN: 'crm-token' });
  for (const name of ['owner', 'admin', 'author', 'auditor']) signedIn.set(name, await company.administer(name));
});
afterAll(() => company[Symbol.asyncDispose]());
beforeEach(async () => (active = await read()));

async function read(number?: number): Promise<ShownRevision> {
  const { active: at } = catalogSchema.parse((await by('owner').ask('GET', '/api/v1/catalog')).body);
  const answer = await by('owner').ask('GET', `/api/v1/catalog/revisions/${number ?? at.number}`);
  return revisionSchema.parse(answer.body);
}

type Change = Partial<Pick<ShownRevision, 'servers' | 'roles' | 'policies'>>;

/** Sends the active revision with a change. */
async function propose(
  name: string,
  change: Change,
  parent?: number,
): Promise<{ status: number; body: { active?: number; code?: string; detail?: string } }> {
  const { servers, roles, policies, number } = active;
  const json = { parent: parent ?? number, servers, roles, policies, ...change };
  const { status, body } = await by(name).ask('POST', '/api/v1/catalog/revisions', {}, json);
  return { status, body: body as object };
}

test('the first revision is the directory’s', async () => {
  const { body } = await by('author').ask('GET', '/api/v1/catalog');
  expect(body).toMatchObject({ source: 'api', active: { number: 1 }, nextBefore: null });
  expect(active).toMatchObject({
    parent: null,
    source: 'files',
    author: 'system',
    servers: { crm: CRM },
    policies: [],
  });
});

test('each role changes its part, and the next request sees it', async () => {
  expect(await propose('author', { policies: [POLICY] })).toEqual({ status: 200, body: { active: active.number + 1 } });
  active = await read();
  expect(active).toMatchObject({ source: 'api', author: by('author').person, policies: [POLICY] });
  const titled = { crm: { ...CRM, title: 'Customers' } };
  expect((await propose('admin', { servers: titled })).status).toBe(200);
  active = await read();
  const roles = { ...active.roles, auditor: ['corp/auditor', 'corp/revision'] };
  expect((await propose('owner', { roles })).status).toBe(200);
  active = await read();
  expect([active.servers, active.roles['auditor']]).toEqual([titled, ['corp/auditor', 'corp/revision']]);
});

const BESIDE: readonly (readonly [string, Change, string])[] = [
  ['admin', { policies: [] }, 'policies'],
  ['admin', { roles: { owner: ['corp/admin'] } }, 'roles'],
  ['author', { servers: { crm: { ...CRM, title: 'Mine' } } }, 'servers'],
  ['author', { roles: {} }, 'roles'],
  // Whoever writes policies may not accept definitions of tools, by way of the file beside them.
  [
    'author',
    { policies: [POLICY, { file: 'mcp-sso.lock.yaml', text: 'version: 1\nservers: {}\n' }] },
    'mcp-sso.lock.yaml',
  ],
];
test.each(BESIDE)('%s changes nothing beside its part: %o', async (name, change, part) => {
  const { status, body } = await propose(name, change);
  expect([status, body.code, body.detail]).toEqual([
    403,
    'role_missing',
    `Your account does not have a role that may change ${part}.`,
  ]);
  expect((await read()).number).toBe(active.number);
});

test('a stale parent is refused, also for who would only go back', async () => {
  const { status, body } = await propose('owner', { policies: [] }, active.number - 1);
  expect([status, body.code]).toEqual([409, 'catalog_stale']);
  const back = { number: 1, parent: active.number - 1 };
  expect((await by('owner').ask('POST', '/api/v1/catalog/activate', {}, back)).status).toBe(409);
  expect((await read()).number).toBe(active.number);
});

test('a bad revision is refused with every fault', async () => {
  const servers = { crm: CRM, erp: { url: 'not an address', uri: 'x' } };
  const policies = [{ file: 'policies/b.cedar', text: 'permit (principal, action, resource in Mcp::Server::"crn");' }];
  const { status, body } = await propose('owner', { servers, policies, roles: { owner: ['okta/x'] } });
  expect([status, body.code]).toEqual([422, 'catalog_refused']);
  expect(body.detail?.split('\n').map((line) => line.split(' → ')[0])).toEqual([
    'roles.owner[0]: there is no provider okta',
    'servers.erp.url: not a valid value',
    'servers.erp.uri: unknown key',
    'policies/b.cedar:1:1 policy #1: the policy has no @id',
    'policies/b.cedar:1:1 policy #1: the policy has no @reason',
    'policies/b.cedar:1:40 policy #1: there is no server "crn" in the settings',
  ]);
});

test.each([
  ['the master key', { url: 'https://evil.test/mcp', credential: { kind: 'bearer', secret: 'file:./master.key' } }],
  ['the IdP’s secret', { url: 'https://evil.test/mcp', credential: { kind: 'bearer', secret: 'env:IDP_SECRET' } }],
  [
    'another server’s secret',
    { url: 'https://evil.test/mcp', credential: { kind: 'bearer', secret: 'env:CRM_TOKEN' } },
  ],
  ['a file, through a program', { command: ['/bin/cat'], files: { '/run/x': 'file:./master.key' } }],
  ['everything, by a program without sandbox', { command: ['/bin/sh'], isolation: 'none', network: 'host' }],
  ['loopback services', { command: ['/bin/sh'], network: 'host' }],
])('an admin does not reach %s of the machine', async (_what, evil) => {
  const { status, body } = await propose('admin', { servers: { ...active.servers, evil } });
  expect([status, body.code]).toEqual([422, 'catalog_refused']);
  expect(body.detail).toMatch(/^servers\.evil\./);
});

test.each([
  ['address', { ...CRM, url: 'https://evil.test/mcp' }],
  ['way', { ...CRM, credential: { kind: 'query', name: 'q', secret: 'env:CRM_TOKEN' } }],
])('what was read from the machine for one server does not follow it to another %s', async (_what, crm) => {
  const { status, body } = await propose('admin', { servers: { ...active.servers, crm } });
  expect([status, body.code]).toEqual([422, 'catalog_refused']);
  expect(body.detail).toMatch(/^servers\.crm\.credential\.secret: env: reads from the control plane’s machine/);
});

test.each(['read', 'write'])('an admin opens no path of the machine to a hosted program: %s', async (key) => {
  const files = { command: ['/bin/sh'], [key]: ['/opt'] };
  const { status, body } = await propose('admin', { servers: { ...active.servers, files } });
  expect([status, body.code]).toEqual([422, 'catalog_refused']);
  expect(body.detail).toBe(
    `servers.files.${key}.0: opens a path of the control plane’s machine → only the configuration directory can do that`,
  );
});

test('going back makes the older revision active, with the roles for what differs, and is on record', async () => {
  const back = { number: 1, parent: active.number };
  expect((await by('author').ask('POST', '/api/v1/catalog/activate', {}, back)).status).toBe(403);
  expect(await by('owner').ask('POST', '/api/v1/catalog/activate', {}, back)).toMatchObject({ status: 200 });
  expect((await read()).number).toBe(1);
  const none = { number: 99, parent: 1 };
  expect((await by('owner').ask('POST', '/api/v1/catalog/activate', {}, none)).status).toBe(404);
  const { body } = await by('auditor').ask('GET', '/api/v1/audit?type=catalog.activate&limit=1');
  expect(body).toMatchObject({
    entries: [{ person: { id: by('owner').person }, target: 'revision 1', decision: 'allow', outcome: 'ok' }],
  });
});

test('auditors read no configuration, and nobody sends an unknown key', async () => {
  expect((await by('auditor').ask('GET', '/api/v1/catalog')).status).toBe(403);
  expect((await by('auditor').ask('GET', '/api/v1/catalog/revisions/1')).status).toBe(403);
  const { status } = await by('owner').ask(
    'POST',
    '/api/v1/catalog/activate',
    {},
    { number: 1, parent: 1, force: true },
  );
  expect(status).toBe(400);
});

test('who has just lost the role at another control plane changes nothing with it', async () => {
  await using other = await Company.start({ catalog: { source: 'api' }, servers: { crm: { url: CRM.url } } });
  const owner = await other.administer('owner');
  const { app } = other.system;
  const { servers, policyFiles } = app.get(ActiveCatalog).current();
  const storage = app.get(StorageService);
  const elsewhere = new RevisionStore(storage, new InProcessNotifications(storage.db));
  const text = formatContent({ servers, policyFiles, roles: { owner: ['corp/bosses'] } });
  await elsewhere.add({ number: 2, parent: 1, source: 'api', author: 'usr_1', text });
  const regained = { parent: 2, servers: writtenServers(servers), roles: { owner: ['corp/owner'] }, policies: [] };
  expect(await owner.ask('POST', '/api/v1/catalog/revisions', {}, regained)).toMatchObject({
    status: 403,
    body: { code: 'role_missing' },
  });
});

test('where nobody can say which roles are in force, no role opens anything', async () => {
  await using cutOff = await Company.start({ servers: { crm: { url: CRM.url } } });
  const owner = await cutOff.administer('owner');
  cutOff.system.app.get(ActiveCatalog).confirmBy(() => Promise.reject(new CodedError('database_unavailable')));
  expect(await owner.ask('GET', '/api/v1/catalog')).toMatchObject({
    status: 503,
    body: { code: 'database_unavailable' },
  });
});

test('with files, a change by the API is refused with a sentence', async () => {
  await using files = await Company.start({ servers: { crm: { url: CRM.url } } });
  const owner = await files.administer('owner');
  for (const [path, json] of [
    ['/api/v1/catalog/revisions', { parent: 1, servers: {}, roles: {}, policies: [] }],
    ['/api/v1/catalog/activate', { number: 1, parent: 1 }],
  ] as const) {
    expect(await owner.ask('POST', path, {}, json)).toMatchObject({
      status: 409,
      body: { code: 'catalog_from_files' },
    });
  }
});
