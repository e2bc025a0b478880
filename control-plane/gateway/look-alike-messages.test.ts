import { request as httpRequest } from 'node:http';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { modernHeaders } from '#shared/mcp/headers.js';
import { LegacyClient } from './testing/legacy-client.js';
import { modernRequest, postModern, postRaw } from './testing/mcp-post.js';
import { OpenGateway } from './testing/open-gateway.js';
import { sendResult, textResult, UpstreamServer } from './testing/upstream-server.js';

const POLICIES = `
@id("reads") @reason("Sales reads, and uses whatever is no tool.")
permit(principal in Mcp::Group::"idp/sales",
  action in [Mcp::Action::"read", Mcp::Action::"method/use", Mcp::Action::"prompt/get"], resource);
@id("public") @reason("Sales reads what is public.")
permit(principal in Mcp::Group::"idp/sales", action == Mcp::Action::"resource/read", resource)
when { resource.uri like "file:///public/*" };
`;

let upstream: UpstreamServer;
let gateway: OpenGateway;

beforeAll(async () => {
  upstream = await UpstreamServer.modern((request, response) => {
    const { id, method } = request.message;
    const tools = [{ name: 'get', inputSchema: { type: 'object' } }];
    if (id === undefined) response.writeHead(202).end();
    else if (method === 'tools/list') sendResult(response, request, { resultType: 'complete', tools });
    else sendResult(response, request, textResult('done'));
  });
  gateway = await OpenGateway.open({
    policies: POLICIES,
    servers: { crm: { url: upstream.url, tools: { get: { effect: 'read' } } } },
  });
});

beforeEach(() => {
  upstream.seen.length = 0;
});

afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await upstream[Symbol.asyncDispose]();
});

const CALL = modernRequest('tools/call', { name: 'get', arguments: { id: 1 } });
const USE = modernRequest('own/method');
const COMPLETE = modernRequest('completion/complete', { ref: { type: 'ref/prompt', name: 'get' }, argument: {} });
const send = (message: typeof CALL, text = JSON.stringify(message)) =>
  postRaw(`${gateway.url}/mcp/crm`, text, { ...modernHeaders(message), authorization: 'Bearer bob' });
const inParams = (message: typeof CALL, more: object) => ({ ...message, params: { ...message.params, ...more } });
const inRef = (more: object) => inParams(COMPLETE, { ref: { ...(COMPLETE.params['ref'] as object), ...more } });

test.each([
  ['Name', inParams(CALL, { Name: 'wipe' })],
  ['NAME', inParams(CALL, { NAME: 'wipe' })],
  ['name and a null character', inParams(CALL, { 'name\u0000': 'wipe' })],
  ['name and a zero-width space', inParams(CALL, { 'na\u200bme': 'wipe' })],
  ['Arguments', inParams(CALL, { Arguments: { id: 2 } })],
  ['Uri', inParams(modernRequest('resources/read', { uri: 'a:1' }), { Uri: 'a:2' })],
  ['requeſtState', inParams(CALL, { requeſtState: 'forged' })],
  ['tasKId, with the Kelvin sign', inParams(modernRequest('tasks/get', { taskId: '1' }), { tasKId: '2' })],
  ['Method', { ...USE, Method: 'tools/call', params: { ...USE.params, name: 'wipe' } }],
  ['Params', { ...CALL, Params: { name: 'wipe' } }],
  ['paramſ', { ...CALL, paramſ: { name: 'wipe' } }],
  ['ID', { ...CALL, ID: 2 }],
  ['Name of a reference', inRef({ Name: 'other' })],
  ['Type of a reference', inRef({ Type: 'ref/resource', uri: 'a:1' })],
])('a message with %s beside the real key is refused', async (_key, message) => {
  const { status, message: answer } = await send(message);
  expect([status, answer.error?.code, answer.id]).toEqual([400, -32600, 1]);
  expect(upstream.calls()).toEqual([]);
});

test('keys that are like none of MCP pass, whatever their case', async () => {
  const more = { names: ['wipe'], Title: 'x', nonce: 1 };
  expect((await send({ ...inParams(CALL, more), Trace: 'x' } as typeof CALL)).message.result?.isError).toBeUndefined();
  expect(upstream.calls()[0]!.message).toMatchObject({ Trace: 'x', params: { ...more, name: 'get' } });
});

test('of two equal keys the last is judged, and only that one leaves', async () => {
  const twice = (first: string, last: string): string =>
    JSON.stringify(CALL).replace('"name":"get"', `"name":"${first}","name":"${last}"`);
  expect((await send(CALL, twice('wipe', 'get'))).message.result?.content?.[0]?.text).toBe('done');
  expect(upstream.calls()[0]!.text).not.toContain('wipe');
  const forbidden = modernRequest('tools/call', { name: 'wipe' });
  expect((await send(forbidden, twice('get', 'wipe'))).message.result?.isError).toBe(true);
  expect(upstream.calls()).toHaveLength(1);
});

test.each(['tools/call', 'resources/read', 'prompts/get', 'completion/complete', 'resources/subscribe', 'tools/list'])(
  '%s without an id is no notification that a server gets',
  async (method) => {
    const { id: _id, ...notice } = modernRequest(method, { name: 'wipe', uri: 'a:1' });
    const { status, message } = await send(notice as typeof CALL);
    expect([status, message.error?.code]).toEqual([400, -32600]);
    expect(upstream.calls()).toEqual([]);
    const own = { ...notice, method: 'own/notice' };
    expect((await send(own as typeof CALL)).status).toBe(202);
    expect(upstream.calls()).toHaveLength(1);
  },
);

test('the body says what is called, and a header that says otherwise is refused', async () => {
  for (const [body, header] of [
    ['get', 'wipe'],
    ['wipe', 'get'],
    ['get', 'GET'],
    ['get', '=?base64?d2lwZQ==?='],
  ]) {
    const options = { as: 'bob', headers: { 'mcp-name': header! } };
    const { status, message } = await postModern(`${gateway.url}/mcp/crm`, 'tools/call', { name: body }, options);
    expect([status, message.error?.code]).toEqual([400, -32020]);
  }
  expect(upstream.calls()).toEqual([]);
});

test('a header that is sent twice is refused', async () => {
  const { 'mcp-name': _name, ...headers } = modernHeaders(CALL);
  const options = { method: 'POST', headers: { ...headers, 'mcp-name': ['get', 'wipe'], authorization: 'Bearer bob' } };
  const { promise, resolve, reject } = Promise.withResolvers<number | undefined>();
  const request = httpRequest(`${gateway.url}/mcp/crm`, options, (response) => {
    response.resume();
    resolve(response.statusCode);
  });
  request.on('error', reject).end(JSON.stringify(CALL));
  expect(await promise).toBe(400);
  expect(upstream.calls()).toEqual([]);
});

test('headers of 2026-07-28 from an older client say nothing: the server gets those of the body', async () => {
  const client = await LegacyClient.open(`${gateway.url}/mcp/crm`, { as: 'bob' });
  const body = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'get' } };
  const headers = { ...client.headers, 'mcp-name': 'wipe', 'mcp-method': 'tools/list' };
  const { message } = await postRaw(client.url, JSON.stringify(body), headers);
  expect(message.result?.content?.[0]?.text).toBe('done');
  expect(upstream.calls().at(-1)!.headers).toMatchObject({ 'mcp-name': 'get', 'mcp-method': 'tools/call' });
});

const ask = (path: string, method: string, params: Record<string, unknown>) =>
  postModern(`${gateway.url}${path}`, method, params, { as: 'bob' });

test.each(['..', '%2e%2E', 'a/../..', '..%2Fsecret/..', '.\t.'])(
  'a URI that leads out of what is permitted by way of %s is denied, however it is asked for',
  async (way) => {
    const uri = `file:///public/${way}/secret/x`;
    const refused = [
      await ask('/mcp/crm', 'resources/read', { uri }),
      await ask('/mcp', 'resources/read', { uri: `mcp.crm+${uri}` }),
      await ask('/mcp/crm', 'completion/complete', { ref: { type: 'ref/resource', uri } }),
    ];
    expect(refused.map(({ message }) => message.error?.code)).toEqual([-31010, -31010, -31010]);
    expect(refused[0]!.message.error?.message).toContain('No policy permits the resource “file:///secret/x”');
    expect(upstream.calls()).toEqual([]);
    await ask('/mcp/crm', 'resources/read', { uri: 'file:///public/./x' });
    expect(upstream.calls()[0]!.message.params?.['uri']).toBe('file:///public/./x');
  },
);
