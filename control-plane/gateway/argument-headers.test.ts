import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ActiveCatalog } from '../catalog/active-catalog.js';
import { LegacyClient } from './testing/legacy-client.js';
import { postModern } from './testing/mcp-post.js';
import { OpenGateway } from './testing/open-gateway.js';
import { sendJson, sendResult, textResult, UpstreamServer } from './testing/upstream-server.js';

vi.setConfig({ testTimeout: 20_000 });

const POLICIES = `
@id("all") @reason("All may.")
permit(principal, action, resource);
`;
const TOOL = {
  name: 'query',
  inputSchema: {
    type: 'object',
    properties: {
      region: { type: 'string', 'x-mcp-header': 'Region' },
      page: { type: 'object', properties: { size: { type: 'integer', 'x-mcp-header': 'Size' } } },
    },
  },
};
const ARGUMENTS = { region: 'Köln', page: { size: 42 }, sql: 'select 1' };
const HEADERS = { 'mcp-param-region': '=?base64?S8O2bG4=?=', 'mcp-param-size': '42' };

let far: UpstreamServer;
let gateway: OpenGateway;
let tools: object[];

beforeEach(async () => {
  tools = [TOOL];
  far = await UpstreamServer.modern((request, response) => {
    const { method, id, params } = request.message;
    const { 'mcp-param-region': region } = request.headers;
    if (method === 'tools/list') sendResult(response, request, { resultType: 'complete', tools });
    else if (params?.['name'] === 'query' && region === HEADERS['mcp-param-region']) {
      sendResult(response, request, textResult('done'));
    } else sendJson(response, 400, { jsonrpc: '2.0', id, error: { code: -32020, message: 'Header mismatch' } });
  });
  gateway = await OpenGateway.open({ policies: POLICIES, servers: { far: { url: far.url } } });
});

afterEach(async () => {
  await gateway[Symbol.asyncDispose]();
  await far[Symbol.asyncDispose]();
});

const methods = () => far.calls().map(({ message }) => message.method);
const sentHeaders = () => {
  const { headers = {} } = far.calls().at(-1) ?? {};
  return Object.fromEntries(Object.entries(headers).filter(([name]) => name.startsWith('mcp-param-')));
};
const listed = () => postModern(`${gateway.url}/mcp/far`, 'tools/list');
const modern = (headers: Record<string, string>, args: object = ARGUMENTS) =>
  postModern(`${gateway.url}/mcp/far`, 'tools/call', { name: 'query', arguments: args }, { headers });

test.each([
  ['/mcp/far', 'query'],
  ['/mcp', 'far__query'],
])('the headers of a legacy client’s call at %s are made from its arguments', async (path, name) => {
  await listed();
  const client = await LegacyClient.open(gateway.url + path);
  const [answer] = await client.ask('tools/call', { name, arguments: ARGUMENTS });
  expect(answer?.result).toMatchObject({ content: [{ text: 'done' }] });
  expect(sentHeaders()).toEqual(HEADERS);
});

test('a tool that has changed is looked up when its server wants headers, and called once more', async () => {
  tools = [{ ...TOOL, inputSchema: { type: 'object' } }];
  const client = await LegacyClient.open(`${gateway.url}/mcp/far`);
  tools = [TOOL];
  far.seen.length = 0;
  const [answer] = await client.ask('tools/call', { name: 'query', arguments: ARGUMENTS });
  expect(answer?.result).toMatchObject({ content: [{ text: 'done' }] });
  expect(methods()).toEqual(['tools/call', 'tools/list', 'tools/call']);
  expect((await gateway.records()).slice(-3)).toEqual([
    'list event far tools/list allow',
    'review.hold event far query',
    'tool.call outcome far query ok',
  ]);
});

test('a tool whose list shows another definition than the accepted one is not called once more', async () => {
  tools = [{ ...TOOL, inputSchema: { type: 'object' } }];
  await using at = await OpenGateway.open({ policies: POLICIES, servers: { far: { url: far.url } }, reviews: true });
  const client = await LegacyClient.open(`${at.url}/mcp/far`);
  await client.ask('tools/list');
  tools = [TOOL];
  far.seen.length = 0;
  const [answer] = await client.ask('tools/call', { name: 'query', arguments: ARGUMENTS });
  expect(answer?.error).toEqual({ code: -32020, message: 'Header mismatch' });
  expect(methods()).toEqual(['tools/call', 'tools/list']);
});

test('a server that goes on refusing is asked no third time, and its refusal reaches the client', async () => {
  const client = await LegacyClient.open(`${gateway.url}/mcp/far`);
  for (const name of ['query', 'other']) {
    far.seen.length = 0;
    const [answer] = await client.ask('tools/call', { name, arguments: { ...ARGUMENTS, region: 'else' } });
    expect(answer?.error).toEqual({ code: -32020, message: 'Header mismatch' });
    expect(methods().filter((method) => method === 'tools/call').length).toBeLessThanOrEqual(2);
  }
});

test('a server whose list is another one each time gets the call twice and no more', async () => {
  const client = await LegacyClient.open(`${gateway.url}/mcp/far`);
  let lists = 0;
  far.seen.length = 0;
  Object.defineProperty(tools, 0, {
    enumerable: true,
    get: () => {
      lists += 1;
      return { name: 'other', inputSchema: { properties: { sql: { type: 'string', 'x-mcp-header': `H${lists}` } } } };
    },
  });
  const [answer] = await client.ask('tools/call', { name: 'other', arguments: ARGUMENTS });
  expect(answer?.error).toEqual({ code: -32020, message: 'Header mismatch' });
  expect(methods()).toEqual(['tools/call', 'tools/list', 'tools/call']);
});

test('what a legacy client sends as such headers goes nowhere', async () => {
  await listed();
  const client = await LegacyClient.open(`${gateway.url}/mcp/far`);
  const body = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'query', arguments: ARGUMENTS } };
  const headers = { ...client.headers, 'mcp-param-region': 'forged', 'mcp-param-other': 'forged' };
  await (await fetch(client.url, { method: 'POST', headers, body: JSON.stringify(body) })).text();
  expect(sentHeaders()).toEqual(HEADERS);
});

test.each([
  ['as they are', HEADERS],
  ['a number written otherwise', { ...HEADERS, 'mcp-param-size': '42.0' }],
  ['beside ones that nobody knows', { ...HEADERS, 'mcp-param-new': 'x' }],
])('headers of a modern client that agree with its arguments pass: %s', async (_how, headers) => {
  await listed();
  const { status, message } = await modern(headers);
  expect([status, message.result?.content]).toEqual([200, [{ type: 'text', text: 'done' }]]);
  expect(sentHeaders()).toEqual({ ...headers, 'mcp-param-size': '42' });
});

test.each([
  ['contradicts', { ...HEADERS, 'mcp-param-region': 'eu' }, ARGUMENTS],
  ['is missing', { 'mcp-param-region': HEADERS['mcp-param-region'] }, ARGUMENTS],
  ['stands for nothing', HEADERS, { region: 'Köln' }],
  ['is broken', { ...HEADERS, 'mcp-param-region': '=?base64?S8O2bG4?=' }, ARGUMENTS],
  ['is another number', { ...HEADERS, 'mcp-param-size': '42.5' }, ARGUMENTS],
  ['is no number', { ...HEADERS, 'mcp-param-size': '' }, ARGUMENTS],
])('a modern client whose header %s is refused, and nothing leaves', async (_how, headers, args) => {
  await listed();
  far.seen.length = 0;
  const { status, message } = await modern(headers, args);
  expect([status, message.error]).toMatchObject([400, { code: -32020, data: { code: 'header_mismatch' } }]);
  expect(methods()).toEqual([]);
  expect((await gateway.records()).at(-1)).toBe('tool.call outcome far query error header_mismatch');
});

test('what an earlier process, or an earlier revision, has accepted of a tool is held against headers too', async () => {
  await listed();
  const catalog = gateway.app.get(ActiveCatalog, { strict: false });
  const servers = { far: { ...catalog.latest.servers['far']!, title: 'Renamed' } };
  catalog.activate({ ...catalog.latest, number: 2, servers });
  far.seen.length = 0;
  const { status, message } = await modern({ ...HEADERS, 'mcp-param-region': 'eu' });
  expect([status, message.error]).toMatchObject([400, { code: -32020, data: { code: 'header_mismatch' } }]);
  expect(methods()).toEqual([]);
});

test('headers of a tool that nobody has listed are the server’s to check', async () => {
  const { status, message } = await modern({ 'mcp-param-region': 'eu' });
  expect([status, message.error]).toEqual([400, { code: -32020, message: 'Header mismatch' }]);
  expect(sentHeaders()).toEqual({ 'mcp-param-region': 'eu' });
});

const faulty = (schema: object) => ({ name: 'faulty', inputSchema: { type: 'object', ...schema } });

test.each([
  ['a number', { properties: { a: { type: 'number', 'x-mcp-header': 'A' } } }],
  ['a broken name', { properties: { a: { type: 'string', 'x-mcp-header': 'a b' } } }],
  ['a place that has no one value', { properties: { a: { items: { type: 'string', 'x-mcp-header': 'A' } } } }],
])('a tool whose x-mcp-header is on %s is in no list, and the other tools are', async (_what, schema) => {
  tools = [faulty(schema), TOOL];
  expect((await listed()).message.result?.['tools']).toEqual([TOOL]);
  const aggregated = await postModern(`${gateway.url}/mcp`, 'tools/list');
  expect(aggregated.message.result?.['tools']).toEqual([{ ...TOOL, name: 'far__query' }]);
  const client = await LegacyClient.open(`${gateway.url}/mcp/far`);
  expect((await client.ask('tools/list')).at(-1)?.result).toEqual({ tools: [TOOL] });
});

/** Answers as servers did before 2026-07-28, which know nothing of such headers. */
async function legacyServer(tool: object): Promise<UpstreamServer> {
  return await UpstreamServer.open((request, response) => {
    const { method, id } = request.message;
    if (method === 'server/discover' || request.httpMethod === 'GET') response.writeHead(404).end();
    else if (id === undefined || request.httpMethod === 'DELETE') response.writeHead(202).end();
    else if (method === 'initialize') {
      sendResult(response, request, { protocolVersion: '2025-06-18', capabilities: { tools: {} }, serverInfo: {} });
    } else sendResult(response, request, method === 'tools/list' ? { tools: [tool] } : { content: [] });
  });
}

test('to a legacy server x-mcp-header means nothing: its tools stay in the list whatever it says', async () => {
  const tool = faulty({ properties: { a: { type: 'number', 'x-mcp-header': 'A' } } });
  await using old = await legacyServer(tool);
  await using at = await OpenGateway.open({ policies: POLICIES, servers: { old: { url: old.url } } });
  const { message } = await postModern(`${at.url}/mcp/old`, 'tools/list');
  expect(message.result?.['tools']).toEqual([tool]);
});

test('a modern client must send the headers for a legacy server’s tool too, a legacy client need not', async () => {
  await using old = await legacyServer(TOOL);
  await using at = await OpenGateway.open({ policies: POLICIES, servers: { old: { url: old.url } } });
  const url = `${at.url}/mcp/old`;
  await postModern(url, 'tools/list');
  const params = { name: 'query', arguments: ARGUMENTS };
  const refused = await postModern(url, 'tools/call', params);
  expect([refused.status, refused.message.error]).toMatchObject([400, { code: -32020 }]);
  const { message } = await postModern(url, 'tools/call', params, { headers: HEADERS });
  expect(message.result).toEqual({ resultType: 'complete', content: [] });
  const client = await LegacyClient.open(url);
  expect((await client.ask('tools/call', params)).at(-1)?.result).toEqual({ content: [] });
});
