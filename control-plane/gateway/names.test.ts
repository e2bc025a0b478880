import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { aggregateName } from '#shared/mcp/names.js';
import { OpenGateway } from './testing/open-gateway.js';
import { postModern } from './testing/mcp-post.js';
import { sendResult, textResult, UpstreamServer } from './testing/upstream-server.js';

const LONG = 'list_all_customers_of_a_region_with_their_open_orders_and_invoices';
const SHOWN = aggregateName('a', LONG);
/** A name that looks as the shortened one of `LONG` does. */
const LOOKALIKE = SHOWN.slice('a__'.length);
const NFC = 'caf\u00e9';
const NFD = 'cafe\u0301';
const CYRILLIC = 'delet\u0435';
/** Two ill-formed names; their UTF-8 forms, and so their digests, are the same. */
const TWINS = [`\ud800${'x'.repeat(70)}`, `\ud801${'x'.repeat(70)}`];
const NAMES = ['b__c', '__', 'a__b__c', NFC, NFD, 'delete', CYRILLIC, LONG, `${LONG}2`, LOOKALIKE, ...TWINS];

const POLICIES = `
@id("engineering") @reason("Engineering uses everything.")
permit(principal in Mcp::Group::"idp/engineering", action, resource);
@id("sales") @reason("Sales reads.")
permit(principal in Mcp::Group::"idp/sales", action in Mcp::Action::"read", resource in Mcp::Server::"a");
`;

let a: UpstreamServer;
let ab: UpstreamServer;
let gateway: OpenGateway;
let offered: readonly string[] = NAMES;
let onList: () => Promise<void> = async () => undefined;

/** A server that answers a call with the name under which it was called. */
function open(id: string, names: () => readonly string[]): Promise<UpstreamServer> {
  return UpstreamServer.modern(async (request, response) => {
    const { method, params } = request.message;
    if (method?.endsWith('/list')) await onList();
    const named = names().map((name) => ({ name, inputSchema: { type: 'object' } }));
    if (method === 'tools/list') sendResult(response, request, { resultType: 'complete', tools: named });
    else if (method === 'prompts/list') sendResult(response, request, { resultType: 'complete', prompts: named });
    else sendResult(response, request, textResult(`${id}:${String(params?.['name'])}`));
  });
}

beforeAll(async () => {
  a = await open('a', () => offered);
  ab = await open('a--b', () => ['c']);
});

beforeEach(async () => {
  offered = NAMES;
  onList = async () => undefined;
  a.seen.length = 0;
  gateway = await OpenGateway.open({
    policies: POLICIES,
    servers: {
      'a--b': { url: ab.url },
      a: { url: a.url, tools: Object.fromEntries([NFC, 'b__c', LONG].map((name) => [name, { effect: 'read' }])) },
    },
  });
  return () => gateway[Symbol.asyncDispose]();
});

afterAll(async () => {
  await a[Symbol.asyncDispose]();
  await ab[Symbol.asyncDispose]();
});

async function shown(as = 'alice', list = 'tools'): Promise<string[]> {
  const { message } = await postModern(`${gateway.url}/mcp`, `${list}/list`, {}, { as });
  return (message.result![list] as { name: string }[]).map(({ name }) => name);
}

async function call(name: string, as = 'alice', method = 'tools/call'): Promise<string | undefined> {
  const { message } = await postModern(`${gateway.url}/mcp`, method, { name }, { as });
  const { result, error } = message;
  return error ? String(error.data?.['code']) : result?.isError ? 'denied' : result?.content?.[0]?.text;
}

test('each name of the list calls the tool of that name, and no two are alike', async () => {
  const names = await shown();
  const wellFormed = NAMES.filter((name) => name.isWellFormed());
  expect(names).toEqual(['a--b__c', ...wellFormed.map((name) => aggregateName('a', name))]);
  expect(new Set(names).size).toBe(names.length);
  expect(names.every((name) => name.length <= 64)).toBe(true);
  expect(await call('a--b__c')).toBe('a--b:c');
  for (const name of wellFormed) expect(await call(aggregateName('a', name))).toBe(`a:${name}`);
});

test('policy judges the name that is called: twins, lookalikes and separators are others', async () => {
  expect(await shown('bob')).toEqual(['a__b__c', `a__${NFC}`, SHOWN]);
  const calls = ['b__c', NFC, LONG].map((name) => [aggregateName('a', name), `a:${name}`]);
  const denials = NAMES.filter((name) => name.isWellFormed() && !['b__c', NFC, LONG].includes(name)).map((name) => [
    aggregateName('a', name),
    'denied',
  ]);
  for (const [name, answer] of [...calls, ...denials, ['a--b__c', 'denied']]) {
    expect([name, await call(name!, 'bob')]).toEqual([name, answer]);
  }
});

test('a shortened name is looked up anew where it is not known, as after a restart', async () => {
  expect(await call(SHOWN)).toBe(`a:${LONG}`);
  expect(a.calls().map(({ message }) => message.method)).toEqual(['tools/list', 'tools/call']);
  expect(a.calls()[1]!.headers['mcp-name']).toBe(LONG);
  expect(await call(SHOWN)).toBe(`a:${LONG}`);
  expect(a.calls()).toHaveLength(3);
  expect(await call(SHOWN, 'alice', 'prompts/get')).toBe(`a:${LONG}`);
  expect((await gateway.records()).slice(0, 3)).toEqual([
    'list event a tools/list allow',
    `tool.call intent a ${LONG} allow`,
    `tool.call outcome a ${LONG} ok`,
  ]);
});

test('a shortened name of nothing is refused, on record, and calls nothing', async () => {
  offered = [LOOKALIKE];
  expect(await call(SHOWN)).toBe('params_invalid');
  expect(a.calls().map(({ message }) => message.method)).toEqual(['tools/list']);
  expect(await gateway.records()).toEqual([
    'list event a tools/list allow',
    `tool.call event a ${LOOKALIKE} deny params_invalid`,
  ]);
  expect(await call(`nope__${'x'.repeat(41)}_0123456789abcdef`)).toBe('params_invalid');
});

test('who may use nothing of a server learns nothing of it from a shortened name, and the server is not asked', async () => {
  expect(await call(SHOWN, 'carol')).toBe('params_invalid');
  expect(a.seen).toEqual([]);
  expect(await gateway.records()).toEqual([`tool.call event a ${LOOKALIKE} deny params_invalid`]);
});

test('that a server is asked for a shortened name is on record before it hears of it', async () => {
  let before: string[] = [];
  onList = async () => {
    before = await gateway.records();
  };
  await call(SHOWN);
  expect(before).toEqual(['list event a tools/list allow']);
});

test('a slow look-up ends in time, and the error names the bound and says that nothing was called', async () => {
  onList = () => new Promise(() => undefined);
  await using slow = await OpenGateway.open({
    policies: POLICIES,
    servers: { a: { url: a.url } },
    settings: { listSeconds: 1 },
  });
  const { message } = await postModern(`${slow.url}/mcp`, 'tools/call', { name: SHOWN });
  expect(message.error).toMatchObject({
    message:
      'The MCP server did not list what it offers within 1 s (limits.listSeconds). Without it, a shortened name stands for nothing. The call was not made.',
    data: { code: 'upstream_unreachable' },
  });
  expect(a.calls().map(({ message: { method } }) => method)).toEqual(['tools/list']);
  expect(await slow.records()).toEqual([
    'list event a tools/list allow',
    `tool.call event a ${LOOKALIKE} error upstream_unreachable`,
  ]);
});
