import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { modernHeaders } from '#shared/mcp/headers.js';
import type { Era } from '#shared/mcp/meta.js';
import { CAPABILITIES, clientOf, ENVELOPES } from './testing/client-of-era.js';
import {
  ANSWERS,
  APP,
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
import { postRaw, sendModern } from './testing/mcp-post.js';
import { OpenGateway } from './testing/open-gateway.js';
import type { UpstreamServer } from './testing/upstream-server.js';
import { withoutTrace } from './testing/without-trace.js';

vi.setConfig({ testTimeout: 20_000 });

const POLICIES = '@id("all") @reason("All may.")\npermit(principal, action, resource);';
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

const got = (server: Era, method: string) =>
  upstreams[server].seen
    .filter(({ message }) => message.method === method)
    .map(({ message: { params } }) => (traced(method) ? withoutTrace(params) : params));

/** What the gateway says to a server of its own accord is part of no request's trace. */
const traced = (method: string): boolean => !['logging/setLevel', 'notifications/cancelled'].includes(method);

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
  const { ask } = await clientOf(client, gateway.url + path);
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
  const { ask } = await clientOf(client, `${gateway.url}/mcp/${server}`);
  upstreams[server].seen.length = 0;
  const modern = client === 'modern' ? { ...COMPLETE, ttlMs: 0, cacheScope: 'private' } : {};
  expect(await ask(method, { _meta: META })).toEqual([{ result: { ...result, ...modern } }]);
  const meta = server === 'modern' ? { ...META, ...ENVELOPES[client] } : META;
  expect(got(server, method)).toEqual([{ _meta: meta }, { cursor: 'two', _meta: meta }]);
});

test.each(['legacy', 'modern'] as const)(
  'tools of both servers at /mcp keep what nobody knows: %s client',
  async (era) => {
    const { ask } = await clientOf(era, `${gateway.url}/mcp`);
    const [get, app] = TOOLS;
    const shown = (server: Era) => [
      { ...get, name: `${server}__get` },
      { ...app, name: `${server}__app`, _meta: { ...APP, ui: { resourceUri: `mcp.${server}+ui://far/app`, own: 1 } } },
    ];
    const modern = era === 'modern' ? { ...COMPLETE, ttlMs: 0, cacheScope: 'private' } : {};
    const tools = [...shown('legacy'), ...shown('modern')];
    expect(await ask('tools/list', {})).toEqual([{ result: { tools, ...modern } }]);
  },
);

test.each(PAIRS)(
  'progress, log messages and unknown notifications pass in order: %s client, %s server',
  async (client, server) => {
    const { ask } = await clientOf(client, `${gateway.url}/mcp/${server}`);
    const level = { 'io.modelcontextprotocol/logLevel': 'info' };
    if (client === 'legacy') await ask('logging/setLevel', { level: 'info' });
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
  (['sample', 'form', 'url', 'roots'] as const).flatMap((kind) => [
    { kind, client, server, path: `/mcp/${server}`, name: kind },
    { kind, client, server, path: '/mcp', name: `${server}__${kind}` },
  ]),
);

test.each(ASKED)(
  'a question ($kind) and its answer pass whole: $client client, $server server, at $path',
  async (row) => {
    const { kind, client, server, path, name } = row;
    const { ask, asked } = await clientOf(client, gateway.url + path, ANSWERS[kind]);
    const answer = (await ask('tools/call', { name, _meta: META })).at(-1);
    const content = [{ type: 'text', text: JSON.stringify(ANSWERS[kind]) }];
    expect(answer).toEqual({ result: client === 'modern' ? { content, ...COMPLETE } : { content } });
    // At /mcp two servers of older revisions may use the same id; newer ones have none.
    const own = kind === 'url' && path === '/mcp' && server === 'legacy' ? { elicitationId: 'mcp.legacy+e1' } : {};
    const { method, params } = QUESTIONS[kind];
    expect(asked).toEqual([{ method, params: { ...params, ...own } }]);
    const call = { name: kind, _meta: server === 'modern' ? { ...META, ...ENVELOPES[client] } : META };
    const retry = { ...call, inputResponses: { key: ANSWERS[kind] }, requestState: 'state' };
    expect(got(server, 'tools/call')).toEqual(server === 'modern' ? [call, retry] : [call]);
  },
);

test.each(PAIRS)('a notification that nobody knows passes whole: %s client, %s server', async (client, server) => {
  const method = 'notifications/io.example/own';
  const params = { own: [1] };
  const url = `${gateway.url}/mcp/${server}`;
  if (client === 'legacy') {
    await (await LegacyClient.open(url, { capabilities: CAPABILITIES })).post({ method, params });
  } else {
    const message = { jsonrpc: '2.0', method, params: { ...params, _meta: ENVELOPES.modern } };
    await postRaw(url, JSON.stringify(message), { ...modernHeaders(message), authorization: 'Bearer alice' });
  }
  expect(got(server, method)).toEqual([server === 'legacy' ? params : { ...params, _meta: ENVELOPES[client] }]);
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
