import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { LegacyClient } from './testing/legacy-client.js';
import { postModern } from './testing/mcp-post.js';
import { OpenGateway } from './testing/open-gateway.js';
import { sendJson, sendResult, UpstreamServer } from './testing/upstream-server.js';
import { withoutTrace } from './testing/without-trace.js';

vi.setConfig({ testTimeout: 20_000 });

const POLICIES = `
@id("engineering") @reason("Engineering may.")
permit(principal in Mcp::Group::"idp/engineering", action, resource);
@id("sales-calls") @reason("Sales may call.")
permit(principal in Mcp::Group::"idp/sales", action in [Mcp::Action::"call", Mcp::Action::"prompt/get"], resource);
@id("contractors-tasks") @reason("Contractors may use tasks.")
permit(principal in Mcp::Group::"idp/contractors", action == Mcp::Action::"method/use", resource == Mcp::Method::"new/tasks/get");
`;

const TOOL = {
  name: 'get',
  inputSchema: { type: 'object', 'x-own': 1 },
  icons: [{ src: 'data:,', y: 2 }],
  extra: { a: [1] },
};
const CAPABILITIES = { tools: { listChanged: true }, logging: {}, extensions: { 'io.example/any': { a: 1 } } };
const INFO = { name: 'far', version: '1', title: 'Far', icons: [{ src: 'https://x/i.png' }] };

let upstreams: Record<'old' | 'new', UpstreamServer>;
let gateway: OpenGateway;

function echo(message: { params?: Record<string, unknown> }): object {
  const own = message.params?.['own'] ?? 'x';
  return { content: [{ type: 'text', text: JSON.stringify(message), own }], structuredContent: [1, { n: null }], own };
}

beforeAll(async () => {
  const old = await UpstreamServer.open((request, response) => {
    const { method, id } = request.message;
    if (method === 'server/discover' || request.httpMethod === 'GET') response.writeHead(404).end();
    else if (id === undefined || request.httpMethod === 'DELETE') response.writeHead(202).end();
    else if (method === 'initialize') {
      const result = { protocolVersion: '2025-06-18', capabilities: CAPABILITIES, serverInfo: INFO };
      sendJson(response, 200, { jsonrpc: '2.0', id, result }, { 'mcp-session-id': 's1' });
    } else sendResult(response, request, method === 'tools/list' ? { tools: [TOOL] } : echo(request.message));
  });
  const modern = await UpstreamServer.open((request, response) => {
    const { method, id } = request.message;
    const result = { resultType: 'complete', ttlMs: 5, cacheScope: 'public' };
    if (id === undefined) response.writeHead(202).end();
    else if (method === 'server/discover') {
      const _meta = { 'io.modelcontextprotocol/serverInfo': INFO };
      sendResult(response, request, {
        ...result,
        supportedVersions: ['2026-07-28'],
        capabilities: CAPABILITIES,
        _meta,
        own: 3,
      });
    } else if (method === 'far/refuses') {
      sendJson(response, 400, { jsonrpc: '2.0', id, error: { code: -32021, message: 'no', data: { own: 1 } } });
    } else if (method === 'far/fails') {
      sendJson(response, Number(request.message.params?.['status']), {
        jsonrpc: '2.0',
        id,
        error: { code: -32000, message: 'busy' },
      });
    } else {
      const tools = method === 'tools/list' ? { tools: [TOOL] } : echo(request.message);
      sendResult(response, request, { resultType: 'complete', ...tools });
    }
  });
  upstreams = { old, new: modern };
  gateway = await OpenGateway.open({
    policies: POLICIES,
    servers: { old: { url: old.url }, new: { url: modern.url } },
  });
});

afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  for (const upstream of Object.values(upstreams)) await upstream[Symbol.asyncDispose]();
});

beforeEach(() => {
  for (const { seen } of Object.values(upstreams)) seen.length = 0;
});

const modernly = (server: string, method: string, params: object = {}, as = 'alice') =>
  postModern(`${gateway.url}/mcp/${server}`, method, { ...params }, { as });
const legacy = (server: string, as = 'alice') => LegacyClient.open(`${gateway.url}/mcp/${server}`, { as });
const sent = (server: 'old' | 'new', method: string) =>
  upstreams[server].seen.find(({ message }) => message.method === method);

test.each(['old', 'new'] as const)(
  'a method that nobody knows passes to the %s server where a policy permits it',
  async (server) => {
    const { message } = await modernly(server, 'far/does', { deep: { er: [1] } });
    expect(message.result).toMatchObject({ resultType: 'complete', own: 'x', structuredContent: [1, { n: null }] });
    expect(sent(server, 'far/does')?.message.params).toMatchObject({ deep: { er: [1] } });
    expect((await gateway.records()).slice(-2)).toEqual([
      `method.use intent ${server} far/does allow`,
      `method.use outcome ${server} far/does ok`,
    ]);
    const denied = await modernly(server, 'far/does', {}, 'bob');
    expect(denied.message.error).toMatchObject({
      data: { code: 'policy_denied' },
      message: expect.stringContaining(`No policy permits the method “far/does” on the server “${server}”`),
    });
    expect(upstreams[server].seen.filter(({ message: { method } }) => method === 'far/does')).toHaveLength(1);
    expect((await gateway.records()).at(-1)).toBe(`method.use event ${server} far/does deny`);
  },
);

test('one method may be permitted by its name, and then no other one', async () => {
  const task = await modernly('new', 'tasks/get', { taskId: 't1' }, 'carol');
  expect(task.message.result).toMatchObject({ own: 'x' });
  expect(sent('new', 'tasks/get')?.headers['mcp-name']).toBe('t1');
  for (const method of ['tasks/cancel', 'tools/call']) {
    const { message } = await modernly('new', method, { taskId: 't1', name: 'get' }, 'carol');
    expect(message.result?.isError ?? message.error).toBeTruthy();
  }
  expect(sent('new', 'tasks/cancel')).toBeUndefined();
});

test('at /mcp no server can be told from an unknown method, so it is not offered there', async () => {
  const { status, message } = await postModern(`${gateway.url}/mcp`, 'tasks/get', { taskId: 't' });
  expect([status, message.error?.code]).toEqual([404, -32601]);
});

test('what the other era has in place of a method is not offered', async () => {
  for (const method of ['initialize', 'ping', 'logging/setLevel', 'resources/subscribe', 'resources/unsubscribe']) {
    const { status, message } = await modernly('new', method, { uri: 'a', level: 'info' });
    expect([method, status, message.error?.code]).toEqual([method, 404, -32601]);
  }
});

test('completions are judged like the prompt or resource that they complete, at /mcp by its own name', async () => {
  const argument = { name: 'a', value: 'b' };
  const complete = (ref: object, as = 'alice') =>
    postModern(`${gateway.url}/mcp`, 'completion/complete', { ref, argument, context: { own: 1 } }, { as });
  await complete({ type: 'ref/prompt', name: 'new__greet', own: 1 });
  expect(sent('new', 'completion/complete')?.message.params).toMatchObject({
    ref: { type: 'ref/prompt', name: 'greet', own: 1 },
    argument,
    context: { own: 1 },
  });
  await complete({ type: 'ref/resource', uri: 'mcp.old+file:///{path}' });
  expect(sent('old', 'completion/complete')?.message.params).toMatchObject({ ref: { uri: 'file:///{path}' } });
  expect((await complete({ type: 'ref/prompt', name: 'new__greet' }, 'bob')).message.result).toBeDefined();
  const denied = await complete({ type: 'ref/resource', uri: 'mcp.new+file:///{path}' }, 'bob');
  expect(denied.message.error).toMatchObject({ data: { code: 'policy_denied' } });
  for (const ref of [undefined, {}, { type: 'ref/prompt' }, { type: 'ref/other', name: 'new__greet' }]) {
    expect((await complete(ref as object)).message.error?.code).toBe(-32602);
  }
});

test('a legacy client sets the log level for its session; servers of both eras hear of it', async () => {
  const client = await legacy('new');
  expect(await client.ask('logging/setLevel', { level: 'warning' })).toEqual([{ jsonrpc: '2.0', id: 1, result: {} }]);
  expect(await client.ask('logging/setLevel', { level: 'loud' })).toMatchObject([{ error: { code: -32602 } }]);
  await client.ask('tools/call', { name: 'get' });
  const meta = sent('new', 'tools/call')?.message.params?.['_meta'];
  expect(meta).toMatchObject({ 'io.modelcontextprotocol/logLevel': 'warning' });
  const other = await legacy('old');
  await other.ask('logging/setLevel', { level: 'debug' });
  await other.ask('tools/call', { name: 'get' });
  expect(sent('old', 'logging/setLevel')?.message.params).toEqual({ level: 'debug' });
  expect(withoutTrace(sent('old', 'tools/call')?.message.params)).toEqual({ name: 'get' });
});

test.each(['old', 'new'] as const)(
  'notifications pass to the %s server where a policy permits them',
  async (server) => {
    const client = await legacy(server);
    const params = { own: [1] };
    expect((await client.post({ method: 'notifications/far', params })).status).toBe(202);
    expect(sent(server, 'notifications/far')?.message.params).toMatchObject(params);
    const bob = await legacy(server, 'bob');
    const denied = await bob.post({ method: 'notifications/far', params });
    expect([denied.status, await denied.json()]).toMatchObject([403, { error: { data: { code: 'policy_denied' } } }]);
    expect((await bob.post({ method: 'notifications/roots/list_changed' })).status).toBe(202);
    expect(upstreams[server].seen.filter(({ message: { method } }) => method === 'notifications/far')).toHaveLength(1);
    expect(await gateway.records()).toContain(`method.use event ${server} notifications/far deny`);
  },
);

test.each(['old', 'new'] as const)('the %s server’s own description reaches clients of both eras', async (server) => {
  const { message } = await modernly(server, 'server/discover');
  expect(message.result).toMatchObject({
    capabilities: CAPABILITIES,
    cacheScope: 'private',
    _meta: { 'io.modelcontextprotocol/serverInfo': INFO },
  });
  const client = await legacy(server);
  const response = await client.post({ id: 1, method: 'initialize', params: { protocolVersion: '2025-11-25' } });
  expect(await response.json()).toMatchObject({ result: { capabilities: CAPABILITIES, serverInfo: INFO } });
});

test.each(['old', 'new'] as const)('items of lists of the %s server keep what nobody knows', async (server) => {
  expect((await modernly(server, 'tools/list')).message.result?.['tools']).toEqual([TOOL]);
  const [listed] = await (await legacy(server)).ask('tools/list');
  expect(listed?.result).toEqual({ tools: [TOOL] });
});

/** Deterministic: the same fields in every run. */
function* randomNumbers(seed: number): Generator<number, never> {
  let state = seed;
  for (;;) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    yield state / 2 ** 32;
  }
}

const NUMBERS = randomNumbers(20_260_728);
const pick = (from: readonly unknown[]) => from[Math.floor(NUMBERS.next().value * from.length)];

function anyValue(depth = 3): unknown {
  const leaf = [0, -1.5, 'é\u2028"\\', '', true, null, 'x'.repeat(300)];
  const kind = depth === 0 ? 'leaf' : pick(['leaf', 'leaf', 'array', 'object']);
  if (kind === 'leaf') return pick(leaf);
  if (kind === 'array') return Array.from({ length: 3 }, () => anyValue(depth - 1));
  return anyFields(depth - 1);
}

function anyFields(depth = 3): Record<string, unknown> {
  const names = [
    'a',
    'io.example/x',
    'id',
    'result',
    'method',
    'uri',
    'ключ',
    'content_',
    'isError_',
    '__proto',
    'x y',
  ];
  return Object.fromEntries(Array.from({ length: 4 }, () => [String(pick(names)), anyValue(depth)]));
}

test.each([
  ['modern', 'new'],
  ['modern', 'old'],
  ['legacy', 'new'],
  ['legacy', 'old'],
] as const)('random unknown fields survive both ways from a %s client to the %s server', async (era, server) => {
  const client = era === 'legacy' ? await legacy(server) : undefined;
  const sets = Array.from({ length: 20 }, () => ({ arguments: anyFields(), own: anyFields(), meta: anyFields() }));
  const checks = sets.map(async ({ meta, ...fields }) => {
    const params = { name: 'get', ...fields, _meta: { 'io.example/own': meta } };
    const answer = client
      ? (await client.ask('tools/call', params)).at(-1)
      : (await modernly(server, 'tools/call', params)).message;
    const result = answer?.result as {
      content: { text: string; own: unknown }[];
      structuredContent: unknown;
      own: unknown;
    };
    const heard = JSON.parse(result.content[0]!.text) as { params: Record<string, unknown> };
    expect(heard.params).toMatchObject(params);
    const { own } = fields;
    expect([result.own, result.content[0]!.own, result.structuredContent]).toEqual([own, own, [1, { n: null }]]);
  });
  await Promise.all(checks);
});

test('the status of a modern server’s refusal reaches a modern client', async () => {
  const { status, message } = await modernly('new', 'far/refuses');
  expect([status, message.error]).toEqual([400, { code: -32021, message: 'no', data: { own: 1 } }]);
});

test.each([409, 425, 429, 500, 503])(
  'a server’s %s reaches nobody as a status that lets clients send again',
  async (far) => {
    const { status, message } = await modernly('new', 'far/fails', { status: far });
    expect([status, message.error]).toEqual([200, { code: -32000, message: 'busy' }]);
  },
);
