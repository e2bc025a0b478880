import { afterEach, beforeEach, expect, test } from 'vitest';
import { CodedError } from '#shared/errors.js';
import { ActiveCatalog } from '../catalog/active-catalog.js';
import { settingsSchema } from '../config/settings.js';
import { OpenGateway } from './testing/open-gateway.js';
import { postModern } from './testing/mcp-post.js';
import { sendJson, sendResult, textResult, UpstreamServer, type Handler } from './testing/upstream-server.js';

const POLICIES = '@id("all") @reason("All may.") permit(principal, action, resource);';
const HELD = Promise.withResolvers<void>();
let onCall: () => void = () => undefined;

const answer: Handler = async (request, response) => {
  onCall();
  if (request.message.params?.['name'] === 'held') await HELD.promise;
  sendResult(response, request, textResult('done'));
};

let before: UpstreamServer;
let after: UpstreamServer;
let gateway: OpenGateway;
let catalog: ActiveCatalog;
let number = 0;

beforeEach(async () => {
  onCall = () => undefined;
  [before, after] = [await UpstreamServer.modern(answer), await UpstreamServer.modern(answer)];
  gateway = await OpenGateway.open({
    policies: POLICIES,
    servers: { crm: serverAt(before) },
    environment: { BEFORE: 'credential-before', AFTER: 'credential-after' },
  });
  catalog = gateway.app.get(ActiveCatalog, { strict: false });
});
afterEach(async () => {
  await gateway[Symbol.asyncDispose]();
  await Promise.all([before, after].map((upstream) => upstream[Symbol.asyncDispose]()));
});

function serverAt(upstream: UpstreamServer): object {
  const secret = upstream === before ? 'env:BEFORE' : 'env:AFTER';
  return { url: upstream.url, credential: { kind: 'bearer', secret } };
}

function activate(servers: Record<string, object>): void {
  const settings = settingsSchema.parse({ publicUrl: 'http://127.0.0.1', identity: { providers: {} }, servers });
  number += 1;
  catalog.activate({ ...catalog.latest, number, servers: settings.servers });
}

const call = (name = 'get') => postModern(`${gateway.url}/mcp/crm`, 'tools/call', { name, arguments: {} });
const text = async () => (await call()).message.result?.content?.[0]?.text;
const authorizations = ({ seen }: UpstreamServer) => new Set(seen.map(({ headers }) => headers.authorization));

test(
  'a credential goes to the host of its own revision and to no other, however often both change',
  { timeout: 30_000 },
  async () => {
    let swaps = 0;
    onCall = () => {
      swaps += 1;
      activate({ crm: serverAt(swaps % 2 === 1 ? after : before) });
    };
    for (let round = 0; round < 6; round += 1) {
      const answers = await Promise.all(Array.from({ length: 8 }, () => call()));
      expect(answers.map(({ message }) => message.result?.content?.[0]?.text)).toEqual(Array(8).fill('done'));
    }
    expect(swaps).toBe(48);
    expect(authorizations(before)).toEqual(new Set(['Bearer credential-before']));
    expect(authorizations(after)).toEqual(new Set(['Bearer credential-after']));
  },
);

test('a call under way ends where it began; the next one goes to the new place', async () => {
  const held = call('held');
  await expect.poll(() => before.calls().length).toBe(1);
  activate({ crm: serverAt(after) });
  expect((await call()).message.result?.content?.[0]?.text).toBe('done');
  HELD.resolve();
  expect((await held).message.result?.content?.[0]?.text).toBe('done');
  expect([before.calls().length, after.calls().length]).toEqual([1, 1]);
});

test('a server that is gone is unknown at once, and one that came is there', async () => {
  await call();
  activate({ erp: serverAt(after) });
  expect((await call()).message.error?.message).toBe('There is no such MCP server here.');
  const answered = await postModern(`${gateway.url}/mcp/erp`, 'tools/call', { name: 'get', arguments: {} });
  expect(answered.message.result?.content?.[0]?.text).toBe('done');
  expect(before.calls()).toHaveLength(1);
});

test('while no revision may be served, nothing is: not a call, not a list', async () => {
  catalog.withhold('a test');
  for (const method of ['tools/call', 'tools/list', 'server/discover']) {
    const params = method === 'tools/call' ? { name: 'get', arguments: {} } : {};
    const answered = await postModern(`${gateway.url}/mcp/crm`, method, params);
    expect([method, answered.status, answered.message.error?.code]).toEqual([method, 503, -31011]);
  }
  expect(before.seen).toEqual([]);
  activate({ crm: serverAt(before) });
  expect((await call()).message.result?.content?.[0]?.text).toBe('done');
});

test('a call is routed by what is active once that is confirmed, and by nothing where it cannot be', async () => {
  catalog.confirmBy(() => Promise.reject(new CodedError('database_unavailable')));
  const refused = await call();
  expect([refused.status, refused.message.error?.code, before.seen]).toEqual([503, -31044, []]);
  catalog.confirmBy(async () => activate({ crm: serverAt(after) }));
  expect((await call()).message.result?.content?.[0]?.text).toBe('done');
  expect([before.calls().length, after.calls().length]).toEqual([0, 1]);
});

test('a legacy session of a changed server is not used for it again', async () => {
  const sessions: string[] = [];
  const legacy = await UpstreamServer.open((request, response) => {
    const { method, id } = request.message;
    const session = request.headers['mcp-session-id'];
    if (method === 'initialize') {
      const result = { protocolVersion: '2025-11-25', capabilities: {}, serverInfo: { name: 'old', version: '1' } };
      sendJson(response, 200, { jsonrpc: '2.0', id, result }, { 'mcp-session-id': `s${sessions.push('opened')}` });
    } else if (session === undefined) response.writeHead(400).end();
    else if (id === undefined) response.writeHead(202).end();
    else sendResult(response, request, { content: [{ type: 'text', text: String(session) }] });
  });
  activate({ crm: { url: legacy.url } });
  expect([await text(), await text()]).toEqual(['s1', 's1']);
  activate({ crm: { url: legacy.url }, erp: serverAt(after) });
  expect(await text()).toBe('s1');
  activate({ crm: { ...serverAt(before), url: legacy.url } });
  expect(await text()).toBe('s2');
  await legacy[Symbol.asyncDispose]();
});
