import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { AuditService } from '../audit/audit.service.js';
import { ActiveCatalog } from '../catalog/active-catalog.js';
import type { UpstreamScope } from '../upstreams/upstream-request.js';
import { UpstreamsService, type Upstreams } from '../upstreams/upstreams.service.js';
import { Company } from './testing/company.js';

const SERVER = join(import.meta.dirname, '..', '..', 'test', 'support', 'hosted-server.mjs');
const SECRET = 'k3y-of-the-company';

let company: Company;
let upstreams: Upstreams;

beforeAll(async () => {
  company = await Company.start({
    servers: {
      files: { command: [process.execPath, SERVER, 'modern'], isolation: 'none', network: 'host', title: 'Files' },
      old: { url: 'http://127.0.0.1:1/sse', transport: 'sse' },
      crm: { url: 'http://127.0.0.1:1/mcp' },
    },
  });
  const { app } = company.system;
  const { servers } = app.get(ActiveCatalog, { strict: false }).current();
  upstreams = app.get(UpstreamsService, { strict: false }).at(servers);
});
afterAll(() => company[Symbol.asyncDispose]());

const scope = (server: string): UpstreamScope => ({
  server,
  partition: 'ses_alice',
  client: { key: '', capabilities: {} },
  access: {
    headers: {},
    query: {},
    environment: {},
    files: {},
    mask: (text) => text.replaceAll(SECRET, '[redacted]'),
  },
  signal: new AbortController().signal,
});

test('servers are listed with what is known of them, and none is asked for it', async () => {
  const admin = await company.administer('admin');
  const unused = { era: null, state: 'unused', lastAnswerAt: null, lastFailure: null, credentials: [], processes: [] };
  expect((await admin.ask('GET', '/api/v1/servers')).body).toEqual({
    servers: [
      { id: 'files', title: 'Files', transport: 'stdio', ...unused },
      { id: 'old', title: null, transport: 'sse', ...unused },
      { id: 'crm', title: null, transport: 'streamable-http', ...unused },
    ],
  });
  await upstreams.describe(scope('files'));
  await expect(upstreams.describe(scope('crm'))).rejects.toThrow('cannot be reached');
  expect((await admin.ask('GET', '/api/v1/servers')).body).toMatchObject({
    servers: [
      { id: 'files', state: 'answering', processes: [{ pid: expect.any(Number) as number, busy: false }] },
      { id: 'old', state: 'unused' },
      { id: 'crm', state: 'failing', lastFailure: { code: 'upstream_unreachable' } },
    ],
  });
});

test('what a hosted server says on stderr is read masked, and on record', async () => {
  const params = { name: 'say', arguments: { text: `I was given ${SECRET}` } };
  await upstreams.ask({ ...scope('files'), message: { jsonrpc: '2.0', id: 1, method: 'tools/call', params } });
  const owner = await company.administer('owner');
  const read = async () => (await owner.ask('GET', '/api/v1/servers/files/stderr')).body;
  await expect
    .poll(read)
    .toMatchObject({ lines: [{ pid: expect.any(Number) as number, text: 'I was given [redacted]' }] });
  const audit = company.system.app.get(AuditService, { strict: false });
  const { entries } = await audit.search({ limit: 10, type: 'server.output-read' }, { payloads: false });
  expect(entries[0]).toMatchObject({ type: 'server.output-read', server: 'files', person: { id: owner.person } });
});

test.each(['old', 'nope'])('there is no stderr of %s', async (id) => {
  const owner = await company.administer('owner');
  expect(await owner.ask('GET', `/api/v1/servers/${id}/stderr`)).toMatchObject({
    status: 404,
    body: { code: 'not_found', detail: 'The control plane runs no server of this id.' },
  });
});

test.each(['alice', 'helpdesk', 'auditor', 'author', 'approver'])('%s sees neither', async (name) => {
  const by = await company.administer(name);
  for (const path of ['/api/v1/servers', '/api/v1/servers/files/stderr']) {
    expect(await by.ask('GET', path)).toMatchObject({ status: 403, body: { code: 'role_missing' } });
  }
});
