import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { aggregateName, aggregateUri } from '#shared/mcp/names.js';
import { LegacyClient, readMessages } from './testing/legacy-client.js';
import { OpenGateway } from './testing/open-gateway.js';
import { postModern, sendModern } from './testing/mcp-post.js';
import { sendJson, sendResult, textResult, UpstreamServer } from './testing/upstream-server.js';

vi.setConfig({ testTimeout: 20_000 });

const CUT = 'list_all_customers_of_a_region_with_their_open_orders_and_invoices';

/** Two names that people, file systems or careless programs take for one. */
const TWINS: readonly (readonly [trick: string, one: string, other: string])[] = [
  ['composed and decomposed', 'caf\u00e9', 'cafe\u0301'],
  ['a Cyrillic letter', 'delete', 'delet\u0435'],
  ['upper case', 'wipe', 'Wipe'],
  ['a dotless i', 'list', 'l\u0131st'],
  ['a ligature', 'file', '\ufb01le'],
  ['full width', 'get', '\uff47\uff45\uff54'],
  ['a zero-width space', 'read', 're\u200bad'],
  ['a byte order mark', 'open', '\ufeffopen'],
  ['right-to-left writing', 'send', '\u202edne\u202cs'],
  ['a space behind it', 'move', 'move '],
  ['an underscore more', '__', '___'],
  ['what is cut off', `${CUT}1`, `${CUT}2`],
  ['the shortened form of the other', `${CUT}3`, aggregateName('a', `${CUT}3`).slice('a__'.length)],
];
const ONES = TWINS.map(([, one]) => one);
const OTHERS = TWINS.map(([, , other]) => other);
const effects = (names: readonly string[]) => Object.fromEntries(names.map((name) => [name, { effect: 'read' }]));
const uriOf = (name: string): string => `note://${name}`;

/** At `a` only the first of each pair is permitted to sales, at `b` only the tool that is the other one. */
const quotedNames = ONES.map((name) => JSON.stringify(name)).join(', ');
const quotedUris = ONES.map((name) => JSON.stringify(uriOf(name))).join(', ');
const POLICIES = `
@id("tools") @reason("Sales reads.")
permit(principal in Mcp::Group::"idp/sales", action in Mcp::Action::"read", resource);
@id("prompts") @reason("Sales may ask.")
permit(principal in Mcp::Group::"idp/sales", action == Mcp::Action::"prompt/get", resource in Mcp::Server::"a")
when { [${quotedNames}].contains(resource.name) };
@id("resources") @reason("Sales may look.")
permit(principal in Mcp::Group::"idp/sales", action == Mcp::Action::"resource/read", resource in Mcp::Server::"a")
when { [${quotedUris}].contains(resource.uri) };
`;

let upstream: UpstreamServer;
let gateway: OpenGateway;

beforeAll(async () => {
  const names = [...ONES, ...OTHERS];
  upstream = await UpstreamServer.modern((request, response) => {
    const { method, id } = request.message;
    const lists: Record<string, object> = {
      'tools/list': { tools: names.map((name) => ({ name, inputSchema: { type: 'object' } })) },
      'prompts/list': { prompts: names.map((name) => ({ name })) },
      'resources/list': { resources: names.map((name) => ({ name, uri: uriOf(name) })) },
    };
    const list = lists[method ?? ''];
    if (list) sendResult(response, request, { resultType: 'complete', ...list });
    else if (method === 'subscriptions/listen')
      sendJson(response, 404, { jsonrpc: '2.0', id, error: { code: -32601 } });
    else sendResult(response, request, textResult('done'));
  });
  gateway = await OpenGateway.open({
    policies: POLICIES,
    servers: { a: { url: upstream.url, tools: effects(ONES) }, b: { url: upstream.url, tools: effects(OTHERS) } },
  });
});

beforeEach(() => {
  upstream.seen.length = 0;
});

afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await upstream[Symbol.asyncDispose]();
});

interface Asked {
  readonly outcome: 'called' | 'denied';
  /** What the server was asked for, by its own names. */
  readonly named: unknown[];
}

/** Bob asks; a list that is asked on the way is nothing that the server does. */
async function ask(path: string, method: string, params: object): Promise<Asked> {
  upstream.seen.length = 0;
  const { message } = await postModern(`${gateway.url}${path}`, method, { ...params }, { as: 'bob' });
  const calls = upstream.calls().filter(({ message: { method: asked } }) => !asked?.endsWith('/list'));
  return {
    outcome: message.error !== undefined || message.result?.isError ? 'denied' : 'called',
    named: calls.map(({ message: { params: sent } }) => sent?.['name'] ?? sent?.['uri'] ?? sent?.['ref']),
  };
}

const called = (name: unknown): Asked => ({ outcome: 'called', named: [name] });
const DENIED: Asked = { outcome: 'denied', named: [] };

/** How a prompt or resource of `a` is asked for, at `/mcp` and at `/mcp/a`, and by what the server knows it. */
const USES: Record<string, { method: string; at: (name: string) => object; alone: (name: string) => object }> = {
  prompts: {
    method: 'prompts/get',
    at: (name) => ({ name: aggregateName('a', name) }),
    alone: (name) => ({ name }),
  },
  resources: {
    method: 'resources/read',
    at: (name) => ({ uri: aggregateUri('a', uriOf(name)) }),
    alone: (name) => ({ uri: uriOf(name) }),
  },
  'completions of prompts': {
    method: 'completion/complete',
    at: (name) => ({ ref: { type: 'ref/prompt', name: aggregateName('a', name) } }),
    alone: (name) => ({ ref: { type: 'ref/prompt', name } }),
  },
  'completions of resources': {
    method: 'completion/complete',
    at: (name) => ({ ref: { type: 'ref/resource', uri: aggregateUri('a', uriOf(name)) } }),
    alone: (name) => ({ ref: { type: 'ref/resource', uri: uriOf(name) } }),
  },
};

describe.each(TWINS)('policy judges the one that is called of two that differ in %s', (_trick, one, other) => {
  test.each([
    ['a', one, other],
    ['b', other, one],
  ])('tools of %s', async (server, permitted, denied) => {
    const at = (name: string) => ask('/mcp', 'tools/call', { name: aggregateName(server, name) });
    const alone = (name: string) => ask(`/mcp/${server}`, 'tools/call', { name });
    expect([await at(permitted), await alone(permitted)]).toEqual([called(permitted), called(permitted)]);
    expect([await at(denied), await alone(denied)]).toEqual([DENIED, DENIED]);
  });

  test.each(Object.entries(USES))('%s', async (_what, { method, at, alone }) => {
    const named = Object.values(alone(one))[0];
    expect(await ask('/mcp', method, at(one))).toEqual(called(named));
    expect(await ask('/mcp/a', method, alone(one))).toEqual(called(named));
    expect(await ask('/mcp', method, at(other))).toEqual(DENIED);
    expect(await ask('/mcp/a', method, alone(other))).toEqual(DENIED);
  });
});

test.each([
  ['tools/list', 'tools', 'name', ONES.map((name) => aggregateName('a', name))],
  ['prompts/list', 'prompts', 'name', ONES.map((name) => aggregateName('a', name))],
  ['resources/list', 'resources', 'uri', ONES.map((name) => aggregateUri('a', uriOf(name)))],
])('%s shows those that may be used, and not their twins', async (method, key, field, shown) => {
  const { message } = await postModern(`${gateway.url}/mcp`, method, {}, { as: 'bob' });
  const fields = (message.result![key] as Record<string, string>[]).map((item) => item[field]!);
  const ofB = method === 'tools/list' ? OTHERS.map((name) => aggregateName('b', name)) : [];
  expect(fields).toEqual([...shown, ...ofB]);
});

test('older clients subscribe to those that may be read, and not to their twins', async () => {
  const client = await LegacyClient.open(`${gateway.url}/mcp`, { as: 'bob' });
  const subscribe = async (name: string) =>
    (await client.ask('resources/subscribe', { uri: aggregateUri('a', uriOf(name)) })).at(-1);
  for (const name of ONES) expect([name, (await subscribe(name))?.result]).toEqual([name, {}]);
  for (const name of OTHERS) expect([name, (await subscribe(name))?.error?.code]).toEqual([name, -31010]);
});

test('a stream hears of the resources that may be read, and not of their twins', async () => {
  const resourceSubscriptions = [...ONES, ...OTHERS].map((name) => aggregateUri('a', uriOf(name)));
  const params = { notifications: { resourceSubscriptions } };
  const response = await sendModern(`${gateway.url}/mcp`, 'subscriptions/listen', params, { as: 'bob' });
  const acknowledged = Promise.withResolvers<unknown>();
  const read = readMessages(response, (message) => acknowledged.resolve(message.params?.['notifications']));
  expect(await acknowledged.promise).toEqual({
    resourceSubscriptions: ONES.map((name) => aggregateUri('a', uriOf(name))),
  });
  gateway.identity.end('ses_bob');
  await read;
  const asked = upstream.calls().map(({ message }) => JSON.stringify(message.params?.['notifications']));
  const ofB = JSON.stringify({ resourceSubscriptions: [] });
  expect(asked.toSorted()).toEqual([JSON.stringify({ resourceSubscriptions: ONES.map(uriOf) }), ofB].toSorted());
});
