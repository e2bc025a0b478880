import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { revisionSchema } from '#shared/api/catalog.js';
import { reviewListSchema } from '#shared/api/reviews.js';
import { DefinitionsService } from '../../policy/definitions/definitions.service.js';
import { storedConnection } from '../../credentials/connections/testing/stored-connection.js';
import { StorageService } from '../../storage/storage.service.js';
import { askedApproval } from '../testing/asked-approval.js';
import { Company, type SignedIn } from '../testing/company.js';
import { denialOf } from '../testing/denials.js';
import { grantsInEveryState } from '../testing/grants-in-every-state.js';

type Schema = Parameters<typeof z.fromJSONSchema>[0];

interface Documented {
  readonly security: [{ readonly oauth2: [string] }];
  readonly 'x-access': object;
  readonly responses: Record<string, { readonly content: Record<string, { readonly schema: Schema }> }>;
  readonly parameters: { readonly name: string; readonly in: string; readonly required: boolean }[];
}

interface OpenApi {
  readonly paths: Record<string, Record<string, Documented>>;
  readonly components: { readonly schemas: { readonly Problem: Schema } };
}

let company: Company;
let owner: SignedIn;
let document: OpenApi;

beforeAll(async () => {
  company = await Company.start({
    catalog: { source: 'api' },
    grants: { breakGlass: { groups: ['corp/owner', 'corp/approver'] } },
    servers: {
      crm: { url: 'https://crm.corp.test/mcp' },
      quiet: { command: ['/bin/true'], isolation: 'none', network: 'host' },
    },
  });
  owner = await company.administer('owner');
  document = (await owner.ask('GET', '/api/v1/openapi.json')).body as OpenApi;
});
afterAll(() => company[Symbol.asyncDispose]());

test('the document says who may do what', () => {
  const rules = Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, { 'x-access': access }]) => [`${method} ${path}`, access]),
  );
  const catalog = { roles: ['owner', 'admin', 'author'], everyoneTheirOwn: false };
  const authors = { roles: ['author', 'owner'], everyoneTheirOwn: false };
  const readers = { ...authors, roles: ['author', 'owner', 'auditor'] };
  const support = { roles: ['helpdesk', 'admin', 'owner'], everyoneTheirOwn: true };
  const look = { scope: 'grants:read', roles: ['approver', 'owner', 'auditor'], everyoneTheirOwn: true };
  const give = { scope: 'grants:write', roles: ['approver', 'owner'], everyoneTheirOwn: false, maxSignInAge: 600 };
  const replay = { scope: 'policies:read', roles: ['author', 'owner', 'auditor'], everyoneTheirOwn: false };
  const reviewers = { scope: 'reviews:read', roles: ['owner', 'admin', 'approver'], everyoneTheirOwn: false };
  const everyone = { roles: ['owner', 'admin', 'author', 'approver', 'auditor', 'helpdesk'], everyoneTheirOwn: true };
  const owners = { scope: 'holds:write', roles: ['owner'], everyoneTheirOwn: false, maxSignInAge: 600 };
  const reports = { scope: 'audit:read', roles: ['auditor', 'owner', 'admin'], everyoneTheirOwn: false };
  expect(Object.fromEntries(rules)).toEqual({
    'get /api/v1/audit': { scope: 'audit:read', roles: ['auditor', 'owner'], everyoneTheirOwn: true },
    'get /api/v1/audit/checkpoint': reports,
    'get /api/v1/audit/consistency': reports,
    'get /api/v1/audit/{id}/receipt': { scope: 'audit:read', roles: ['auditor', 'owner'], everyoneTheirOwn: false },
    'get /api/v1/audit/{id}': { scope: 'audit:read', roles: ['auditor', 'owner'], everyoneTheirOwn: true },
    'get /api/v1/audit/log': { scope: 'audit:read', roles: ['auditor', 'owner'], everyoneTheirOwn: false },
    'get /api/v1/audit/reports/access': reports,
    'get /api/v1/audit/reports/exposure': reports,
    'get /api/v1/audit/reports/comparison': reports,
    'get /api/v1/audit/reports/denials': reports,
    'get /api/v1/audit/reports/unused-grants': reports,
    'get /api/v1/audit/reports/review': { ...reports, everyoneTheirOwn: true },
    'get /api/v1/audit/sessions/{id}': { scope: 'audit:read', roles: ['auditor'], everyoneTheirOwn: true },
    'get /api/v1/catalog': { scope: 'catalog:read', ...catalog },
    'get /api/v1/catalog/revisions/{number}': { scope: 'catalog:read', ...catalog },
    'post /api/v1/catalog/revisions': { scope: 'catalog:write', ...catalog, maxSignInAge: 600 },
    'post /api/v1/catalog/activate': { scope: 'catalog:write', ...catalog, maxSignInAge: 600 },
    'get /api/v1/policies': { scope: 'policies:read', ...readers },
    'post /api/v1/policies/replay': replay,
    'get /api/v1/policies/replay/{id}': replay,
    'delete /api/v1/policies/replay/{id}': replay,
    'post /api/v1/policies/candidate': { scope: 'policies:write', ...authors, maxSignInAge: 600 },
    'get /api/v1/policies/candidate': { scope: 'policies:read', ...authors },
    'delete /api/v1/policies/candidate': { scope: 'policies:write', ...authors, maxSignInAge: 600 },
    'post /api/v1/policies/explain': {
      scope: 'policies:read',
      roles: ['author', 'owner', 'helpdesk'],
      everyoneTheirOwn: true,
    },
    'post /api/v1/policies/diff': { scope: 'policies:read', ...readers },
    'post /api/v1/policies/check': { scope: 'policies:read', ...readers },
    'post /api/v1/policies/test': { scope: 'policies:read', ...readers },
    'get /api/v1/policies/starter-kit': { scope: 'policies:read', ...authors },
    'get /api/v1/policies/grid': { scope: 'policies:read', ...readers },
    'post /api/v1/policies/grid': { scope: 'policies:read', ...authors },
    'get /api/v1/sessions': { scope: 'sessions:read', ...support },
    'get /api/v1/sessions/{id}': { scope: 'sessions:read', ...support },
    'delete /api/v1/sessions/{id}': { scope: 'sessions:write', ...support, maxSignInAge: 600 },
    'get /api/v1/connections': { scope: 'connections:read', ...support },
    'delete /api/v1/connections/{id}': {
      scope: 'connections:write',
      roles: ['admin', 'owner'],
      everyoneTheirOwn: true,
      maxSignInAge: 600,
    },
    'get /api/v1/users': { scope: 'users:read', roles: ['helpdesk', 'admin', 'owner'], everyoneTheirOwn: false },
    'post /api/v1/users/{id}/erasure': { ...owners, scope: 'users:erase' },
    'get /api/v1/holds': { scope: 'holds:read', roles: ['owner', 'auditor'], everyoneTheirOwn: false },
    'post /api/v1/holds': owners,
    'post /api/v1/holds/{id}/release': owners,
    'get /api/v1/servers': { scope: 'servers:read', roles: ['admin', 'owner'], everyoneTheirOwn: false },
    'get /api/v1/servers/{id}/stderr': { scope: 'servers:read', roles: ['admin', 'owner'], everyoneTheirOwn: false },
    'get /api/v1/exports': reports,
    'delete /api/v1/users/{id}/sessions': { scope: 'sessions:write', ...support, maxSignInAge: 600 },
    'get /api/v1/grants': look,
    'get /api/v1/grants/{id}': look,
    'get /api/v1/grants/requests': look,
    'post /api/v1/grants': give,
    'post /api/v1/grants/break-glass': { scope: 'grants:write', ...everyone, maxSignInAge: 600 },
    'post /api/v1/grants/{id}/review': { ...give, roles: ['approver', 'owner', 'auditor'] },
    'delete /api/v1/grants/{id}': { ...give, everyoneTheirOwn: true },
    'post /api/v1/grants/requests': { scope: 'self', ...everyone, maxSignInAge: 600 },
    'post /api/v1/grants/requests/{id}/give': give,
    'post /api/v1/grants/requests/{id}/refuse': give,
    'get /api/v1/approvals': { scope: 'approvals:read', ...everyone },
    'get /api/v1/approvals/{id}': { scope: 'approvals:read', ...everyone },
    'post /api/v1/approvals/{id}/decision': { scope: 'approvals:write', ...everyone, maxSignInAge: 600 },
    'get /api/v1/policies/problems': {
      scope: 'policies:read',
      roles: ['owner', 'author', 'admin', 'approver'],
      everyoneTheirOwn: false,
    },
    'get /api/v1/reviews': reviewers,
    'get /api/v1/reviews/definition': reviewers,
    'get /api/v1/reviews/lock': reviewers,
    'get /api/v1/reviews/effects': reviewers,
    'post /api/v1/reviews/decisions': {
      scope: 'reviews:write',
      roles: ['owner', 'approver'],
      everyoneTheirOwn: false,
      maxSignInAge: 600,
    },
    'get /api/v1/me/activity': { scope: 'audit:read', ...everyone },
    'post /api/v1/me/disowned-sessions': { scope: 'sessions:write', ...everyone, maxSignInAge: 600 },
    'get /api/v1/openapi.json': { scope: 'self', ...everyone },
  });
});

test('parameters are those that the routes read', () => {
  const { parameters } = document.paths['/api/v1/sessions']!['get']!;
  expect(parameters.map(({ name, in: place, required }) => [name, place, required])).toEqual([
    ['user', 'query', false],
    ['limit', 'query', false],
    ['cursor', 'query', false],
  ]);
  expect(document.paths['/api/v1/sessions/{id}']!['delete']!.parameters).toMatchObject([
    {
      name: 'id',
      in: 'path',
      required: true,
      schema: { type: 'string', pattern: String.raw`^[A-Za-z0-9_-]{1,64}(\.[A-Za-z0-9_-]{1,64}){0,3}$` },
    },
  ]);
});

test('real answers have the documented form, to the last field', async () => {
  const victim = await company.bridge('alice');
  const spare = await company.administer('owner');
  const grants = await grantsInEveryState(company);
  const approval = await askedApproval(company, await company.bridge('bob'), 'corp/owner');
  const definition = await pendingDefinition(company);
  const decision = { ...definition, from: 'pending', to: 'accepted' };
  const shown = `/api/v1/reviews/definition?${new URLSearchParams(definition).toString()}`;
  const emergency = { server: 'crm', minutes: 5, reason: 'Outage' };
  const gift = { person: victim.person, server: 'crm', tool: 'add_customer', minutes: 5, reason: 'Ticket 4711' };
  const denied = { reference: await denialOf(company, owner.person, { session: 'ses_1' }), reason: 'Ticket 4711' };
  const { servers, roles } = revisionSchema.parse((await owner.ask('GET', '/api/v1/catalog/revisions/1')).body);
  const policy = { file: 'policies/a.cedar', text: '@id("a") permit (principal, action, resource);' };
  const connection = await storedConnection(company.system.app.get(StorageService), {
    person: victim.person,
    server: 'crm',
  });
  const requests = [
    ['get', '/api/v1/audit', '/api/v1/audit?user=me'],
    ['get', '/api/v1/audit/log', '/api/v1/audit/log'],
    ['get', '/api/v1/audit/{id}', `/api/v1/audit/${denied.reference}`],
    ['get', '/api/v1/audit/checkpoint', '/api/v1/audit/checkpoint'],
    ['get', '/api/v1/audit/consistency', '/api/v1/audit/consistency?from=1'],
    ['get', '/api/v1/audit/{id}/receipt', `/api/v1/audit/${denied.reference}/receipt`],
    ['get', '/api/v1/audit/sessions/{id}', '/api/v1/audit/sessions/ses_1'],
    ['get', '/api/v1/sessions', '/api/v1/sessions'],
    ['get', '/api/v1/me/activity', '/api/v1/me/activity?since=2026-11-01T00:00:00Z'],
    ['post', '/api/v1/me/disowned-sessions', '/api/v1/me/disowned-sessions', { session: spare.session }],
    ['get', '/api/v1/sessions/{id}', `/api/v1/sessions/${victim.session}`],
    ['get', '/api/v1/users', '/api/v1/users'],
    ['get', '/api/v1/servers', '/api/v1/servers'],
    ['get', '/api/v1/exports', '/api/v1/exports'],
    ['get', '/api/v1/servers/{id}/stderr', '/api/v1/servers/quiet/stderr'],
    ['delete', '/api/v1/sessions/{id}', `/api/v1/sessions/${victim.session}`],
    ['delete', '/api/v1/users/{id}/sessions', `/api/v1/users/${victim.person}/sessions`],
    ['get', '/api/v1/connections', '/api/v1/connections'],
    ['delete', '/api/v1/connections/{id}', `/api/v1/connections/${connection}`],
    ['get', '/api/v1/openapi.json', '/api/v1/openapi.json'],
    ['get', '/api/v1/policies', '/api/v1/policies'],
    ['post', '/api/v1/policies/replay', '/api/v1/policies/replay', { policies: [], since: '2026-11-23T00:00:00Z' }],
    ['get', '/api/v1/policies/replay/{id}', '/api/v1/policies/replay/{started}'],
    ['delete', '/api/v1/policies/replay/{id}', '/api/v1/policies/replay/{started}'],
    ['post', '/api/v1/policies/candidate', '/api/v1/policies/candidate', { policies: [] }],
    ['get', '/api/v1/policies/candidate', '/api/v1/policies/candidate'],
    ['delete', '/api/v1/policies/candidate', '/api/v1/policies/candidate'],
    ['post', '/api/v1/policies/explain', '/api/v1/policies/explain', { reference: denied.reference }],
    ['post', '/api/v1/policies/diff', '/api/v1/policies/diff', { policies: [policy] }],
    ['post', '/api/v1/policies/check', '/api/v1/policies/check', { policies: [] }],
    ['post', '/api/v1/policies/test', '/api/v1/policies/test', {}],
    ['get', '/api/v1/policies/starter-kit', '/api/v1/policies/starter-kit'],
    ['get', '/api/v1/policies/grid', '/api/v1/policies/grid'],
    ['post', '/api/v1/policies/grid', '/api/v1/policies/grid', { yaml: 'corp/x: { crm: read }', policies: [] }],
    ['get', '/api/v1/grants', '/api/v1/grants?state=all'],
    ['get', '/api/v1/grants/requests', '/api/v1/grants/requests'],
    ['get', '/api/v1/grants/{id}', `/api/v1/grants/${grants.taken}`],
    ['post', '/api/v1/grants', '/api/v1/grants', gift],
    ['post', '/api/v1/grants/break-glass', '/api/v1/grants/break-glass', emergency],
    ['post', '/api/v1/grants/{id}/review', `/api/v1/grants/${grants.taken}/review`, { note: 'All needed' }],
    ['delete', '/api/v1/grants/{id}', `/api/v1/grants/${grants.taken}`],
    ['post', '/api/v1/grants/requests', '/api/v1/grants/requests', denied],
    ['post', '/api/v1/grants/requests/{id}/give', `/api/v1/grants/requests/${grants.good}/give`, {}],
    ['post', '/api/v1/grants/requests/{id}/refuse', `/api/v1/grants/requests/${grants.bad}/refuse`, { reason: 'No' }],
    ['get', '/api/v1/approvals', '/api/v1/approvals'],
    ['get', '/api/v1/approvals/{id}', `/api/v1/approvals/${approval}`],
    ['post', '/api/v1/approvals/{id}/decision', `/api/v1/approvals/${approval}/decision`, { verdict: 'approve' }],
    ['get', '/api/v1/policies/problems', '/api/v1/policies/problems'],
    ['get', '/api/v1/reviews', '/api/v1/reviews'],
    ['get', '/api/v1/reviews/definition', shown],
    ['post', '/api/v1/reviews/decisions', '/api/v1/reviews/decisions', decision],
    ['get', '/api/v1/reviews/effects', '/api/v1/reviews/effects'],
    ['get', '/api/v1/reviews/lock', '/api/v1/reviews/lock'],
    ['get', '/api/v1/audit/reports/access', '/api/v1/audit/reports/access'],
    ['get', '/api/v1/audit/reports/exposure', '/api/v1/audit/reports/exposure'],
    ['get', '/api/v1/audit/reports/comparison', '/api/v1/audit/reports/comparison?left=sales&right=staff'],
    ['get', '/api/v1/audit/reports/denials', '/api/v1/audit/reports/denials'],
    ['get', '/api/v1/audit/reports/unused-grants', '/api/v1/audit/reports/unused-grants'],
    ['get', '/api/v1/audit/reports/review', '/api/v1/audit/reports/review?server=crm'],
    ['get', '/api/v1/catalog', '/api/v1/catalog'],
    ['get', '/api/v1/catalog/revisions/{number}', '/api/v1/catalog/revisions/1'],
    ['post', '/api/v1/catalog/revisions', '/api/v1/catalog/revisions', { parent: 1, servers, roles, policies: [] }],
    ['post', '/api/v1/catalog/activate', '/api/v1/catalog/activate', { number: 1, parent: 2 }],
    ['post', '/api/v1/holds', '/api/v1/holds', { name: 'Case 1', person: victim.person, from: '2026-01-01T00:00:00Z' }],
    ['get', '/api/v1/holds', '/api/v1/holds'],
    ['post', '/api/v1/holds/{id}/release', '/api/v1/holds/{made}/release', { reason: 'Settled' }],
    ['post', '/api/v1/users/{id}/erasure', `/api/v1/users/${victim.person}/erasure`, { confirm: victim.person }],
  ] as const;
  const documented = Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.keys(operations).map((method) => `${method} ${path}`),
  );
  expect(requests.map(([method, route]) => `${method} ${route}`).toSorted()).toEqual(documented.toSorted());
  let started = '';
  let made = '';
  for (const [method, route, path, json] of requests) {
    const { schema } = document.paths[route]![method]!.responses['200']!.content['application/json']!;
    const { status, body } = await owner.ask(
      method.toUpperCase(),
      path.replace('{started}', started).replace('{made}', made),
      {},
      json,
    );
    expect([path, status]).toEqual([path, 200]);
    if (route === '/api/v1/holds' && method === 'post') made = (body as { id: string }).id;
    if (route === '/api/v1/policies/replay') started = (body as { id: string }).id;
    expect(z.fromJSONSchema(schema).safeParse(body)).toMatchObject({ success: true });
  }
});

test('real refusals have the documented form', async () => {
  const problem = z.fromJSONSchema(document.components.schemas.Problem);
  const author = await company.administer('author', { scope: 'openid sessions:read' });
  for (const [by, method, path, expected] of [
    [owner, 'GET', '/api/v1/users?limit=x', 400],
    [author, 'GET', '/api/v1/users', 403],
    [author, 'GET', '/api/v1/sessions', 403],
    [owner, 'DELETE', '/api/v1/sessions/none', 404],
  ] as const) {
    const { status, body } = await by.ask(method, path);
    expect([path, status, problem.safeParse(body).success]).toEqual([path, expected, true]);
  }
});

/** A changed definition that waits for a reviewer. */
async function pendingDefinition({ system: { app } }: Company): Promise<Record<'server' | 'tool' | 'sha256', string>> {
  const definitions = app.get(DefinitionsService, { strict: false });
  for (const description of ['Lists.', 'Lists all.']) {
    await definitions.observe('crm', [{ name: 'list', description, inputSchema: { type: 'object' } }]);
  }
  const { reviews } = reviewListSchema.parse((await owner.ask('GET', '/api/v1/reviews?state=pending')).body);
  return { server: 'crm', tool: 'list', sha256: reviews[0]!.sha256 };
}
