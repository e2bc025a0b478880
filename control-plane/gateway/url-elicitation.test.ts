import type { ServerResponse } from 'node:http';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { LegacyClient } from './testing/legacy-client.js';
import { postModern } from './testing/mcp-post.js';
import { OpenGateway } from './testing/open-gateway.js';
import { sendJson, sendResult, UpstreamServer } from './testing/upstream-server.js';
import { withoutTrace } from './testing/without-trace.js';

vi.setConfig({ testTimeout: 20_000 });

const POLICIES = `
@id("all") @reason("All may.")
permit(principal, action, resource);
`;
const PAGE = { mode: 'url', message: 'Connect first.', url: 'https://far.example/connect?n=1', own: [1] };
const ELICITATION = { ...PAGE, elicitationId: 'e1' };
const BY_URL = { elicitation: { url: {} } };
const SENT = { name: 'get', arguments: { a: 1 } };
const RESULT = { content: [{ type: 'text', text: 'done' }] };

let far: UpstreamServer;
let gateway: OpenGateway;
let opened: boolean;
let elicitations: unknown;
let stream: ServerResponse | undefined;

const refusal = () => ({ code: -32042, message: 'Open a page.', data: { elicitations, own: 1 } });

beforeAll(async () => {
  far = await UpstreamServer.open((request, response) => {
    const { method, id } = request.message;
    if (request.httpMethod === 'GET') {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
      stream = response;
    } else if (method === 'server/discover' || request.httpMethod === 'DELETE') response.writeHead(404).end();
    else if (method === 'initialize') {
      const result = { protocolVersion: '2025-11-25', capabilities: {}, serverInfo: { name: 'o', version: '1' } };
      sendJson(response, 200, { jsonrpc: '2.0', id, result }, { 'mcp-session-id': 's1' });
    } else if (id === undefined || method === undefined) response.writeHead(202).end();
    else if (method === 'tools/list') sendResult(response, request, { tools: [{ name: 'get', inputSchema: {} }] });
    else if (opened) sendResult(response, request, RESULT);
    else sendJson(response, 200, { jsonrpc: '2.0', id, error: refusal() });
  });
  gateway = await OpenGateway.open({ policies: POLICIES, servers: { far: { url: far.url } } });
});

afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await far[Symbol.asyncDispose]();
});

beforeEach(() => {
  far.seen.length = 0;
  opened = false;
  elicitations = [ELICITATION];
});

const calls = () => far.seen.filter(({ message }) => message.method === 'tools/call');

async function call(params: object = {}, capabilities: object = BY_URL, path = '/mcp/far', name = 'get') {
  const meta = { 'io.modelcontextprotocol/clientCapabilities': capabilities };
  const all = { name, arguments: { a: 1 }, _meta: meta, ...params };
  const { message } = await postModern(gateway.url + path, 'tools/call', all);
  return { ...message, requestState: message.result?.['requestState'] };
}

test.each([
  ['/mcp/far', 'get'],
  ['/mcp', 'far__get'],
])('a legacy server’s wish for a page reaches a modern client at %s as input', async (path, name) => {
  const first = await call({}, BY_URL, path, name);
  expect(first.result).toEqual({
    resultType: 'input_required',
    inputRequests: { 'url-1': { method: 'elicitation/create', params: PAGE } },
    requestState: expect.stringMatching(/^[\w-]{100,}$/),
  });
  const accepted = { inputResponses: { 'url-1': { action: 'accept' } } };
  const second = await call({ ...accepted, requestState: first.requestState }, BY_URL, path, name);
  expect(second.result).toMatchObject({ resultType: 'input_required' });
  opened = true;
  const third = await call({ ...accepted, requestState: second.requestState }, BY_URL, path, name);
  expect(third.result).toEqual({ resultType: 'complete', ...RESULT });
  expect(calls().map(({ message }) => withoutTrace(message.params))).toEqual([SENT, SENT, SENT]);
  expect((await gateway.records()).slice(-6)).toEqual([
    'tool.call intent far get allow',
    'tool.call outcome far get ok input_required',
    'tool.call intent far get allow',
    'tool.call outcome far get ok input_required',
    'tool.call intent far get allow',
    'tool.call outcome far get ok',
  ]);
});

test.each([
  {},
  { 'url-1': { action: 'decline' } },
  { 'url-1': { action: 'cancel' } },
  { 'url-2': { action: 'accept' } },
])('with the answers %j the server is not asked again', async (inputResponses) => {
  elicitations = [ELICITATION, { ...ELICITATION, elicitationId: 'e2' }];
  const { requestState } = await call();
  const retried = await call({ requestState, inputResponses });
  expect(retried.error).toMatchObject({ code: -31029, data: { code: 'question_unanswered' } });
  expect(retried.error?.message).toContain('The call was not made.');
  expect(calls()).toHaveLength(1);
});

test('a wish for a page that is too large to be held reaches the client whole, as the error that it is', async () => {
  elicitations = [{ ...ELICITATION, message: 'x'.repeat(100_000) }];
  expect((await call()).error).toEqual(refusal());
});

test.each([{}, { elicitation: {} }, { elicitation: { form: {} } }])(
  'a modern client that declares %j gets the error as it is',
  async (capabilities) => {
    expect((await call({}, capabilities)).error).toEqual(refusal());
  },
);

test.each([[[]], [undefined], [[{ ...ELICITATION, url: 'javascript:alert(1)' }]], [[{ mode: 'form' }]], [[7]]])(
  'a wish for %j is no wish for a page, and stays an error',
  async (wished) => {
    elicitations = wished;
    expect((await call()).error).toEqual(JSON.parse(JSON.stringify(refusal())));
  },
);

test('its state opens for the same request and once', async () => {
  opened = false;
  const { requestState } = await call();
  const retry = { requestState, inputResponses: { 'url-1': { action: 'accept' } } };
  const other = await call({ ...retry, arguments: { a: 2 } });
  expect(other.error?.data).toEqual(expect.objectContaining({ code: 'request_state_invalid' }));
  opened = true;
  expect((await call(retry)).result).toBeDefined();
  expect((await call(retry)).error?.data).toEqual(expect.objectContaining({ code: 'request_state_invalid' }));
});

test('a legacy client gets the error, and hears that the page is done; at /mcp under ids of their own', async () => {
  const done = { jsonrpc: '2.0', method: 'notifications/elicitation/complete', params: { elicitationId: 'e1' } };
  for (const [path, name, elicitationId] of [
    ['/mcp/far', 'get', 'e1'],
    ['/mcp', 'far__get', 'mcp.far+e1'],
  ] as const) {
    const client = await LegacyClient.open(gateway.url + path, { capabilities: BY_URL });
    const [answer] = await client.ask('tools/call', { name });
    const named = { ...refusal(), data: { elicitations: [{ ...ELICITATION, elicitationId }], own: 1 } };
    expect(answer?.error).toEqual(named);
    stream = undefined;
    const heard: unknown[] = [];
    const stop = await client.listen((message) => heard.push(message));
    await expect.poll(() => stream, { timeout: 10_000 }).toBeDefined();
    stream!.write(`data: ${JSON.stringify(done)}\n\n`);
    await expect.poll(() => heard, { timeout: 10_000 }).toEqual([{ ...done, params: { elicitationId } }]);
    stop.abort();
  }
});
