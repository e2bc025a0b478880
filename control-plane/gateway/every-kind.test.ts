import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { modernHeaders } from '#shared/mcp/headers.js';
import {
  ANSWERS,
  CONTENTS,
  EVENTS,
  LINKS,
  MESSAGES,
  PROMPTS,
  QUESTIONS,
  RESOURCES,
  RESULT,
  SCRIPT,
  TASK,
  TEMPLATES,
  TOOLS,
  VALUES,
} from './testing/every-kind-script.js';
import { openLegacy, openModern } from './testing/every-kind-servers.js';
import { LegacyClient } from './testing/legacy-client.js';
import { postModern, postRaw, sendModern } from './testing/mcp-post.js';
import { OpenGateway } from './testing/open-gateway.js';
import type { UpstreamServer } from './testing/upstream-server.js';

vi.setConfig({ testTimeout: 20_000 });

type Era = 'legacy' | 'modern';
const POLICIES = '@id("all") @reason("All may.")\npermit(principal, action, resource);';
const CAPABILITIES = { sampling: {}, elicitation: { form: {}, url: {} }, roots: {} };
/** What `_meta` of a request must hold at a modern server, beside what the client put there. */
const ENVELOPES = {
  legacy: {
    'io.modelcontextprotocol/protocolVersion': '2026-07-28',
    'io.modelcontextprotocol/clientInfo': { name: 'old', version: '1' },
    'io.modelcontextprotocol/clientCapabilities': CAPABILITIES,
  },
  modern: {
    'io.modelcontextprotocol/protocolVersion': '2026-07-28',
    'io.modelcontextprotocol/clientInfo': { name: 'Test\u0007 Client', version: '1.0' },
    'io.modelcontextprotocol/clientCapabilities': CAPABILITIES,
  },
};
const COMPLETE = { resultType: 'complete' };
let upstreams: Record<Era, UpstreamServer>;
let gateway: OpenGateway;
/** The stream of the call that is never answered. */
let closed = Promise.withResolvers<void>();

beforeAll(async () => {
  const script = { ...SCRIPT, hang: { events: EVENTS.slice(2), closed: () => closed.resolve() } };
  upstreams = { legacy: await openLegacy(script), modern: await openModern(script) };
  const servers = { legacy: { url: upstreams.legacy.url }, modern: { url: upstreams.modern.url } };
  gateway = await OpenGateway.open({ policies: POLICIES, servers });
});

afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  for (const upstream of Object.values(upstreams)) await upstream[Symbol.asyncDispose]();
});

beforeEach(() => {
  for (const { seen } of Object.values(upstreams)) seen.length = 0;
});

interface Client {
  /** Everything on the stream of the request but its envelope; the response last. */
  ask(method: string, params: Record<string, unknown>): Promise<object[]>;
  /** What servers asked of it. */
  readonly asked: object[];
}

async function clientOf(era: Era, path: string, answer?: object): Promise<Client> {
  const url = gateway.url + path;
  const asked: object[] = [];
  if (era === 'legacy') {
    const onRequest = ({ method, params }: object & { method?: string; params?: object }): object => {
      asked.push({ method, params });
      return { result: answer };
    };
    const client = await LegacyClient.open(url, { capabilities: CAPABILITIES, onRequest });
    return {
      asked,
      ask: async (...request) =>
        bare((await client.ask(...request)).filter(({ method, id }) => !method || id === undefined)),
    };
  }
  const ask: Client['ask'] = async (method, params) => {
    const meta = { ...(params['_meta'] as object | undefined), ...ENVELOPES.modern };
    const { messages } = await postModern(url, method, { ...params, _meta: meta });
    const result = messages.at(-1)?.['result'] as Record<string, unknown> | undefined;
    if (result?.['resultType'] !== 'input_required') return bare(messages);
    const [[key, question] = ['', {}]] = Object.entries(result['inputRequests'] as Record<string, object>);
    asked.push(question);
    const { requestState } = result;
    return await ask(method, { ...params, inputResponses: { [key]: answer }, requestState });
  };
  return { asked, ask };
}

/** Without what belongs to the hop: the id and the version of JSON-RPC. */
function bare(messages: readonly object[]): object[] {
  return messages.map((message) => {
    const { jsonrpc, id: _id, ...rest } = message as Record<string, unknown>;
    expect(jsonrpc).toBe('2.0');
    return rest;
  });
}

const got = (server: Era, method: string) =>
  upstreams[server].seen.filter(({ message }) => message.method === method).map(({ message: { params } }) => params);

const PAIRS = (['legacy', 'modern'] as const).flatMap((client) =>
  (['legacy', 'modern'] as const).map((server) => [client, server] as const),
);

interface Kind {
  readonly method: string;
  readonly params: object;
  /** At `/mcp`, where the kind exists there. */
  readonly aggregated?: (server: Era) => object;
  readonly result: (prefix: string) => object;
  /** What else a modern client gets from a server of the era. */
  readonly cached?: Readonly<Record<Era, object>>;
}

const META = { 'io.example/own': { a: [1] } };
const REF = { argument: { name: 'who', value: 'x' }, context: { arguments: { a: 'b' } }, own: 1 };
const KINDS: Readonly<Record<string, Kind>> = {
  'a tool call': {
    method: 'tools/call',
    params: { name: 'get', arguments: { n: 1, deep: { a: [null] } }, own: { x: 1 } },
    aggregated: (server) => ({ name: `${server}__get` }),
    result: () => RESULT,
  },
  'a tool call that answers with resources': {
    method: 'tools/call',
    params: { name: 'links' },
    aggregated: (server) => ({ name: `${server}__links` }),
    result: LINKS,
  },
  'a resource (of an MCP App)': {
    method: 'resources/read',
    params: { uri: 'ui://far/app', own: 1 },
    aggregated: (server) => ({ uri: `mcp.${server}+ui://far/app` }),
    result: CONTENTS,
    cached: { legacy: { ttlMs: 0, cacheScope: 'private' }, modern: { ttlMs: 5, cacheScope: 'private' } },
  },
  'a prompt': {
    method: 'prompts/get',
    params: { name: 'greet', arguments: { who: 'x' } },
    aggregated: (server) => ({ name: `${server}__greet` }),
    result: () => MESSAGES,
  },
  'a completion of a prompt': {
    method: 'completion/complete',
    params: { ref: { type: 'ref/prompt', name: 'greet', own: 1 }, ...REF },
    aggregated: (server) => ({ ref: { type: 'ref/prompt', name: `${server}__greet`, own: 1 } }),
    result: () => VALUES,
  },
  'a completion of a template': {
    method: 'completion/complete',
    params: { ref: { type: 'ref/resource', uri: 'file:///{path}' }, ...REF },
    aggregated: (server) => ({ ref: { type: 'ref/resource', uri: `mcp.${server}+file:///{path}` } }),
    result: () => VALUES,
  },
  'a task': { method: 'tasks/get', params: { taskId: 't1', own: 1 }, result: () => TASK },
  'a method that nobody knows': {
    method: 'far/does',
    params: { deep: { er: [1] } },
    result: () => ({ own: [1, null] }),
  },
};

const ROWS = Object.entries(KINDS).flatMap(([what, kind]) =>
  PAIRS.flatMap(([client, server]) => [
    { what, kind, client, server, path: `/mcp/${server}`, params: kind.params, prefix: '' },
    ...(kind.aggregated
      ? [
          {
            what,
            kind,
            client,
            server,
            path: '/mcp',
            params: { ...kind.params, ...kind.aggregated(server) },
            prefix: `mcp.${server}+`,
          },
        ]
      : []),
  ]),
);

test.each(ROWS)('$what passes whole: $client client, $server server, at $path', async (row) => {
  const { kind, client, server, path, params, prefix } = row;
  const { ask } = await clientOf(client, path);
  const [answer, ...more] = await ask(kind.method, { ...params, _meta: META });
  const modern = client === 'modern' ? { ...COMPLETE, ...kind.cached?.[server] } : {};
  expect([answer, more]).toEqual([{ result: { ...kind.result(prefix), ...modern } }, []]);
  const meta = server === 'modern' ? { ...META, ...ENVELOPES[client] } : META;
  expect(got(server, kind.method)).toEqual([{ ...kind.params, _meta: meta }]);
});

const LISTS = {
  'tools/list': { tools: TOOLS, own: 1 },
  'resources/list': { resources: RESOURCES },
  'resources/templates/list': { resourceTemplates: TEMPLATES },
  'prompts/list': { prompts: PROMPTS },
};
const LISTED = PAIRS.flatMap(([client, server]) =>
  Object.entries(LISTS).map(([method, result]) => ({ method, result, client, server })),
);

test.each(LISTED)('$method passes whole, its pages joined: $client client, $server server', async (row) => {
  const { method, result, client, server } = row;
  const { ask } = await clientOf(client, `/mcp/${server}`);
  upstreams[server].seen.length = 0;
  const modern = client === 'modern' ? { ...COMPLETE, ttlMs: 0, cacheScope: 'private' } : {};
  expect(await ask(method, { _meta: META })).toEqual([{ result: { ...result, ...modern } }]);
  const meta = server === 'modern' ? { ...META, ...ENVELOPES[client] } : META;
  expect(got(server, method)).toEqual([{ _meta: meta }, { cursor: 'two', _meta: meta }]);
});

test.each(PAIRS)(
  'progress, log messages and unknown notifications pass in order: %s client, %s server',
  async (client, server) => {
    const { ask } = await clientOf(client, `/mcp/${server}`);
    const level = { 'io.modelcontextprotocol/logLevel': 'info' };
    if (client === 'legacy') expect(await ask('logging/setLevel', { level: 'info' })).toEqual([{ result: {} }]);
    const meta = { ...META, progressToken: 0 };
    const messages = await ask('tools/call', {
      name: 'noisy',
      _meta: client === 'modern' ? { ...meta, ...level } : meta,
    });
    expect(messages).toEqual([...EVENTS, { result: client === 'modern' ? { ...RESULT, ...COMPLETE } : RESULT }]);
    const sent = server === 'modern' ? { ...meta, ...level, ...ENVELOPES[client] } : meta;
    expect(got(server, 'tools/call')).toEqual([{ name: 'noisy', _meta: sent }]);
    expect(got(server, 'logging/setLevel')).toEqual(server === 'legacy' ? [{ level: 'info' }] : []);
  },
);

const ASKED = PAIRS.flatMap(([client, server]) =>
  (['sample', 'form', 'url', 'roots'] as const).map((kind) => ({ kind, client, server })),
);

test.each(ASKED)('a question ($kind) and its answer pass whole: $client client, $server server', async (row) => {
  const { kind, client, server } = row;
  const { ask, asked } = await clientOf(client, `/mcp/${server}`, ANSWERS[kind]);
  const content = [{ type: 'text', text: JSON.stringify(ANSWERS[kind]) }];
  const answer = (await ask('tools/call', { name: kind })).at(-1);
  expect(answer).toEqual({ result: client === 'modern' ? { content, ...COMPLETE } : { content } });
  expect(asked).toEqual([QUESTIONS[kind]]);
});

test.each(PAIRS)('a notification that nobody knows passes whole: %s client, %s server', async (client, server) => {
  const method = 'notifications/io.example/own';
  const url = `${gateway.url}/mcp/${server}`;
  if (client === 'legacy') {
    const legacy = await LegacyClient.open(url, { capabilities: CAPABILITIES });
    expect((await legacy.post({ method, params: { own: [1] } })).status).toBe(202);
  } else {
    const message = { jsonrpc: '2.0', method, params: { own: [1], _meta: ENVELOPES.modern } };
    const headers = { ...modernHeaders(message), authorization: 'Bearer alice' };
    expect((await postRaw(url, JSON.stringify(message), headers)).status).toBe(202);
  }
  expect(got(server, method)).toEqual([server === 'legacy' ? { own: [1] } : { own: [1], _meta: ENVELOPES[client] }]);
});

test.each(PAIRS)('a call that is cancelled ends at the server: %s client, %s server', async (client, server) => {
  const url = `${gateway.url}/mcp/${server}`;
  closed = Promise.withResolvers<void>();
  const params = { name: 'hang' };
  if (client === 'legacy') {
    const legacy = await LegacyClient.open(url);
    const response = await legacy.post({ id: 0, method: 'tools/call', params });
    await response.body?.getReader().read();
    await legacy.post({ method: 'notifications/cancelled', params: { requestId: 0 } });
  } else {
    const stop = new AbortController();
    const response = await sendModern(url, 'tools/call', params, { signal: stop.signal });
    await response.body?.getReader().read();
    stop.abort();
  }
  await closed.promise;
  if (server === 'modern') return;
  const { id } = upstreams.legacy.seen.find(({ message: { method } }) => method === 'tools/call')!.message;
  const cancelled = { requestId: id, reason: 'The client cancelled the request.' };
  await expect.poll(() => got('legacy', 'notifications/cancelled')).toEqual([cancelled]);
});
