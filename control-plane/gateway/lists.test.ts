import { createServer } from 'node:net';
import type { AddressInfo, Server } from 'node:net';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { OpenGateway } from './testing/open-gateway.js';
import { postModern } from './testing/mcp-post.js';
import { sendJson, sendResult, textResult, UpstreamServer } from './testing/upstream-server.js';

const POLICIES = `
@id("engineering") @reason("Engineering uses everything.")
permit(principal in Mcp::Group::"idp/engineering", action, resource);
@id("sales-reads") @reason("Sales reads.")
permit(principal in Mcp::Group::"idp/sales", action in Mcp::Action::"read", resource in Mcp::Server::"a");
`;
const SECRET = 'list-secret-0123456789';
const tool = (name: string) => ({ name, inputSchema: { type: 'object' }, unknown: { kept: 1 } });

let a: UpstreamServer;
let ab: UpstreamServer;
let blackHole: Server;
let gateway: OpenGateway;

beforeAll(async () => {
  a = await UpstreamServer.modern((request, response) => {
    const { method, params } = request.message;
    const page = params?.['cursor'] === undefined ? 0 : 1;
    if (method === 'tools/list') {
      const tools = [
        [tool('z'), tool('b__c'), tool('__'), tool('grüße')],
        [tool('z'), tool(''), tool('new\nline'), { name: 7 }, null, tool(`echo-${SECRET}`), tool('last')],
      ];
      sendResult(response, request, {
        resultType: 'complete',
        tools: tools[page],
        ttlMs: 60_000,
        cacheScope: 'public',
        extra: 'kept',
        ...(page === 0 ? { nextCursor: 'two' } : {}),
      });
    } else if (method === 'resources/list') {
      sendResult(response, request, { resultType: 'complete', resources: [{ name: 'r', uri: 'file:///r' }] });
    } else if (method === 'resources/templates/list') {
      const resourceTemplates = [{ name: 't', uriTemplate: 'file:///{path}' }];
      sendResult(response, request, { resultType: 'complete', resourceTemplates });
    } else if (method === 'resources/read') {
      const contents = [{ uri: params?.['uri'], text: 'x' }];
      sendResult(response, request, { resultType: 'complete', contents, ttlMs: 5, cacheScope: 'public' });
    } else if (method === 'tools/call' || method === 'prompts/get') {
      sendResult(response, request, textResult(String(params?.['name'])));
    } else {
      sendJson(response, 404, { jsonrpc: '2.0', id: request.message.id, error: { code: -32601, message: 'no' } });
    }
  });
  ab = await UpstreamServer.modern((request, response) => {
    const { method } = request.message;
    if (method === 'tools/list') sendResult(response, request, { resultType: 'complete', tools: [tool('c')] });
    else if (method === 'prompts/list')
      sendResult(response, request, { resultType: 'complete', prompts: [{ name: 'p' }] });
    else sendResult(response, request, textResult('from a--b'));
  });
  blackHole = createServer(() => undefined);
  await new Promise<void>((resolve) => blackHole.listen(0, '127.0.0.1', resolve));
  const { port } = blackHole.address() as AddressInfo;
  gateway = await OpenGateway.open({
    policies: POLICIES,
    servers: {
      hole: { url: `http://127.0.0.1:${port}/mcp` },
      dead: { url: 'http://127.0.0.1:1/mcp', title: 'Dead' },
      'a--b': { url: ab.url },
      a: {
        url: a.url,
        title: 'First',
        credential: { kind: 'bearer', secret: 'env:KEY' },
        tools: { z: { effect: 'read' } },
      },
    },
    environment: { KEY: SECRET },
  });
});

afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await a[Symbol.asyncDispose]();
  await ab[Symbol.asyncDispose]();
  blackHole.close();
});

beforeEach(() => {
  a.seen.length = 0;
});

const one = (method: string, as = 'alice') => postModern(`${gateway.url}/mcp/a`, method, {}, { as });
const names = (result: Record<string, unknown> | undefined, key = 'tools', field = 'name') =>
  ((result?.[key] ?? []) as Record<string, unknown>[]).map((item) => item[field]);

test('a list has every page, each usable name once, unknown fields, and is private', async () => {
  const { message } = await one('tools/list');
  expect(names(message.result)).toEqual(['z', 'b__c', '__', 'grüße', 'echo-[redacted]', 'last']);
  expect(message.result).toMatchObject({ resultType: 'complete', ttlMs: 0, cacheScope: 'private', extra: 'kept' });
  expect(message.result).not.toHaveProperty('nextCursor');
  expect(message.result?.['tools']).toContainEqual(tool('z'));
  expect((await gateway.records()).at(-1)).toBe('list event a tools/list allow');
});

test('a list shows only what may be called', async () => {
  expect(names((await one('tools/list', 'bob')).message.result)).toEqual(['z']);
  expect(names((await one('resources/list', 'bob')).message.result, 'resources')).toEqual([]);
  const carol = await one('tools/list', 'carol');
  expect(carol.message.error).toMatchObject({ code: -31013, data: { code: 'server_unknown' } });
  expect((await gateway.records()).at(-1)).toBe('list event a tools/list deny server_unknown');
  const missing = await postModern(`${gateway.url}/mcp/nope`, 'tools/list', {}, { as: 'carol' });
  expect(missing.message.error).toEqual({ ...carol.message.error, data: expect.anything() });
  const discover = await one('server/discover', 'carol');
  expect(discover.message.error?.code).toBe(-31013);
});

test('discover at one server shows its instructions and its capabilities as they are', async () => {
  const { message } = await one('server/discover');
  expect(message.result).toEqual({
    resultType: 'complete',
    supportedVersions: ['2026-07-28'],
    capabilities: { tools: { listChanged: true } },
    instructions: 'Ask nicely.',
    ttlMs: 0,
    cacheScope: 'private',
    _meta: { 'io.modelcontextprotocol/serverInfo': { name: 'mcp-sso', version: expect.any(String) } },
  });
});

test(
  'a dead server and a silent one neither delay nor empty the rest, and are named',
  { timeout: 20_000 },
  async () => {
    const started = performance.now();
    const list = await postModern(`${gateway.url}/mcp`, 'tools/list');
    expect(names(list.message.result)).toEqual([
      'a--b__c',
      'a__z',
      'a__b__c',
      'a____',
      'a__grüße',
      'a__echo-[redacted]',
      'a__last',
    ]);
    expect(performance.now() - started).toBeLessThan(7_000);
    const again = performance.now();
    await postModern(`${gateway.url}/mcp`, 'tools/list');
    expect(performance.now() - again).toBeLessThan(2_000);
    const { message } = await postModern(`${gateway.url}/mcp`, 'server/discover');
    expect(message.result?.['instructions']).toBe(
      'Tools and prompts are named server__name after the MCP server that they belong to. ' +
        'Servers: a--b, a (First). Not reachable at the moment: hole, dead.',
    );
    const carol = await postModern(`${gateway.url}/mcp`, 'server/discover', {}, { as: 'carol' });
    expect(carol.message.result?.['instructions']).not.toMatch(/hole|dead|First/);
  },
);

const call = async (name: string, as = 'alice') =>
  (await postModern(`${gateway.url}/mcp`, 'tools/call', { name }, { as })).message;

test('policy judges the tool that is called, whatever the names look like', async () => {
  expect((await call('a--b__c')).result?.content?.[0]?.text).toBe('from a--b');
  expect((await call('a__b__c')).result?.content?.[0]?.text).toBe('b__c');
  expect((await call('a____')).result?.content?.[0]?.text).toBe('__');
  expect((await call('a__grüße')).result?.content?.[0]?.text).toBe('grüße');
  expect(a.calls().at(-1)?.headers['mcp-name']).toBe('=?base64?Z3LDvMOfZQ==?=');
  expect((await call('a__z', 'bob')).result?.isError).toBeUndefined();
  expect((await call('a__b__c', 'bob')).result?.isError).toBe(true);
  for (const name of ['a_z', '__z', 'a__', 'A__z', 'a__z\u0000', '\u{ff41}__z', 'a\u200b__z']) {
    const { result, error } = await call(name, 'bob');
    expect([name, result?.isError ?? error?.code]).toEqual([name, name === 'a__z\u0000' ? true : -31013]);
  }
});

test('resources carry their server in the URI, in lists, templates and what is read', { timeout: 20_000 }, async () => {
  const url = `${gateway.url}/mcp`;
  const list = await postModern(url, 'resources/list');
  expect(names(list.message.result, 'resources', 'uri')).toEqual(['mcp.a+file:///r']);
  const templates = await postModern(url, 'resources/templates/list');
  expect(names(templates.message.result, 'resourceTemplates', 'uriTemplate')).toEqual(['mcp.a+file:///{path}']);
  const read = await postModern(url, 'resources/read', { uri: 'mcp.a+file:///r' });
  expect(read.message.result).toEqual({
    resultType: 'complete',
    contents: [{ uri: 'mcp.a+file:///r', text: 'x' }],
    ttlMs: 5,
    cacheScope: 'private',
  });
  expect(a.calls().at(-1)?.message.params?.['uri']).toBe('file:///r');
  const untouched = await postModern(`${gateway.url}/mcp/a`, 'resources/read', { uri: 'file:///r' });
  expect(untouched.message.result?.['contents']).toEqual([{ uri: 'file:///r', text: 'x' }]);
  const denied = await postModern(url, 'resources/read', { uri: 'mcp.a--b+file:///r' }, { as: 'bob' });
  expect(denied.message.error?.code).toBe(-31010);
});

test('prompts are prefixed and got by their own name', { timeout: 20_000 }, async () => {
  const list = await postModern(`${gateway.url}/mcp`, 'prompts/list');
  expect(names(list.message.result, 'prompts')).toEqual(['a--b__p']);
  const got = await postModern(`${gateway.url}/mcp`, 'prompts/get', { name: 'a__p' });
  expect(got.message.result?.content?.[0]?.text).toBe('p');
});
