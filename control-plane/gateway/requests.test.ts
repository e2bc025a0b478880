import { request as httpRequest } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { modernHeaders } from '#shared/mcp/headers.js';
import { OpenGateway } from './testing/open-gateway.js';
import { ENVELOPE, modernRequest, postModern, postRaw } from './testing/mcp-post.js';
import { sendResult, textResult, UpstreamServer } from './testing/upstream-server.js';

const POLICIES = `
@id("all") @reason("All may.")
permit(principal, action, resource);
`;
const BEARER = { authorization: 'Bearer alice' };

let upstream: UpstreamServer;
let gateway: OpenGateway;

beforeAll(async () => {
  upstream = await UpstreamServer.modern((request, response) => sendResult(response, request, textResult('done')));
  gateway = await OpenGateway.open({ policies: POLICIES, servers: { crm: { url: upstream.url } } });
});

afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await upstream[Symbol.asyncDispose]();
});

const message = modernRequest('tools/call', { name: 'get' });
const send = (body: unknown, headers: Record<string, string> = {}, path = '/mcp/crm') =>
  postRaw(`${gateway.url}${path}`, typeof body === 'string' ? body : JSON.stringify(body), {
    ...modernHeaders(message),
    ...BEARER,
    ...headers,
  });

test.each([
  ['no JSON', 'not json', 400, -32700],
  ['a batch', [message, message], 400, -32600],
  ['an empty batch', [], 400, -32600],
  ['a text', '"x"', 400, -32600],
  ['another version of JSON-RPC', { ...message, jsonrpc: '1.0' }, 400, -32600],
  ['an id of null', { ...message, id: null }, 400, -32600],
  ['an id that is an object', { ...message, id: {} }, 400, -32600],
  ['parameters that are a list', { ...message, params: [] }, 400, -32600],
  ['a method that is a number', { ...message, method: 5 }, 400, -32600],
  ['65 levels', `{"jsonrpc":"2.0","id":1,"method":"x","params":{"a":${'['.repeat(64)}${']'.repeat(64)}}}`, 400, -32600],
  ['a name that is no text', { ...message, params: { ...message.params, name: 1 } }, 400, -32020],
])('%s is refused', async (_what, body, status, code) => {
  const posted = await send(body);
  expect([posted.status, posted.message.error?.code]).toEqual([status, code]);
});

test('an unknown body encoding and another content type are refused', async () => {
  expect((await send(message, { 'content-type': 'text/plain' })).message.error?.code).toBe(-32600);
  expect((await send(message, { 'content-encoding': 'gzip' })).message.error?.code).toBe(-32600);
  expect((await send(Buffer.from([0x7b, 0xff, 0x7d]).toString('latin1'))).status).toBe(400);
});

test.each([
  ['mcp-name', 'delete'],
  ['mcp-name', '=?base64?ZGVsZXRl?='],
  ['mcp-name', '=?base64?!?='],
  ['mcp-method', 'tools/list'],
  ['mcp-protocol-version', '2025-11-25'],
])('a header %s of %s that contradicts the body is refused', async (header, value) => {
  const { status, message: answer } = await send(message, { [header]: value });
  expect([status, answer.error?.code, answer.id]).toEqual([400, -32020, 1]);
});

test('a mirrored header that is missing is refused', async () => {
  for (const header of ['mcp-name', 'mcp-method', 'mcp-protocol-version']) {
    const { [header]: _left, ...headers } = modernHeaders(message);
    const posted = await postRaw(`${gateway.url}/mcp/crm`, JSON.stringify(message), { ...headers, ...BEARER });
    expect([header, posted.status, posted.message.error?.code]).toEqual([header, 400, -32020]);
  }
});

test('a modern request without its envelope is refused, and so is a version that we do not speak', async () => {
  const bare = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'get' } };
  expect((await send(bare)).message.error?.code).toBe(-32602);
  const { 'io.modelcontextprotocol/clientCapabilities': _left, ...meta } = ENVELOPE;
  const partial = await send({ ...bare, params: { name: 'get', _meta: meta } });
  expect([partial.status, partial.message.error?.code]).toEqual([400, -32602]);
  const other = { ...ENVELOPE, 'io.modelcontextprotocol/protocolVersion': '1900-01-01' };
  const unknown = await send(
    { ...bare, params: { name: 'get', _meta: other } },
    { 'mcp-protocol-version': '1900-01-01' },
  );
  expect([unknown.status, unknown.message.error]).toEqual([
    400,
    {
      code: -32022,
      message: 'This protocol version is not supported.',
      data: {
        code: 'protocol_unsupported',
        supported: ['2026-07-28'],
        requested: '1900-01-01',
      },
    },
  ]);
});

test('foreign origins and hosts are refused before anything else', async () => {
  expect((await send(message, { origin: 'https://evil.example' })).status).toBe(403);
  expect((await send(message, { origin: 'null' })).status).toBe(403);
  expect((await send(message, { origin: gateway.url })).status).toBe(200);
  upstream.seen.length = 0;
  const { port } = new URL(gateway.url);
  const rebound = await new Promise<number>((resolve) => {
    const headers = { ...modernHeaders(message), ...BEARER, host: `evil.example:${port}` };
    httpRequest({ host: '127.0.0.1', port, path: '/mcp/crm', method: 'POST', headers }, (response) => {
      response.resume();
      resolve(response.statusCode!);
    }).end(JSON.stringify(message));
  });
  expect(rebound).toBe(403);
});

test('a body above 4 MiB is refused, announced or not', async () => {
  const large = JSON.stringify({ ...message, padding: 'x'.repeat(4 * 1024 * 1024) });
  expect((await send(large)).status).toBe(413);
  const { port } = new URL(gateway.url);
  const chunked = await new Promise<number>((resolve, reject) => {
    const headers = { ...modernHeaders(message), ...BEARER, host: new URL(gateway.url).host };
    const request = httpRequest({ host: '127.0.0.1', port, path: '/mcp', method: 'POST', headers }, (response) => {
      response.resume();
      resolve(response.statusCode!);
      request.destroy();
    });
    request.on('error', reject);
    for (let at = 0; at < large.length; at += 65_536) request.write(large.slice(at, at + 65_536));
  });
  expect(chunked).toBe(413);
});

test.each([undefined, 'Bearer mallory'])('no body is awaited from a stranger who shows %s', async (authorization) => {
  const { host, hostname, port } = new URL(gateway.url);
  const headers = {
    ...modernHeaders(message),
    host,
    'content-length': '4000000',
    ...(authorization && { authorization }),
  };
  const answered = Promise.withResolvers<number>();
  const request = httpRequest({ hostname, port, path: '/mcp', method: 'POST', headers }, (response) =>
    answered.resolve(response.statusCode!),
  );
  request.on('error', answered.reject);
  request.flushHeaders();
  expect(await answered.promise).toBe(401);
  request
    .off('error', answered.reject)
    .on('error', () => undefined)
    .destroy();
});

test('a stranger learns where to sign in, and nothing else', async () => {
  const bodies: unknown[] = [message, 'not json', [message], { ...message, method: 'nope' }];
  for (const path of ['/mcp', '/mcp/crm', '/mcp/nope']) {
    for (const body of bodies) {
      const posted = await postRaw(
        `${gateway.url}${path}`,
        typeof body === 'string' ? body : JSON.stringify(body),
        modernHeaders(message),
      );
      expect([posted.status, posted.message.error?.code]).toEqual([401, -31001]);
      expect(posted.headers.get('www-authenticate')).toContain(
        `resource_metadata="${gateway.url}/.well-known/oauth-protected-resource${path}"`,
      );
    }
  }
  const wrong = await postModern(`${gateway.url}/mcp`, 'tools/list', {}, { as: 'mallory' });
  expect([wrong.status, wrong.message.error?.code]).toEqual([401, -31002]);
  expect(wrong.headers.get('www-authenticate')).toContain('error="invalid_token"');
});

test('other HTTP methods are not allowed', async () => {
  for (const method of ['GET', 'DELETE', 'PUT', 'PATCH', 'OPTIONS']) {
    const response = await fetch(`${gateway.url}/mcp`, { method, headers: BEARER });
    expect([method, response.status, response.headers.get('allow')]).toEqual([method, 405, 'POST, DELETE']);
  }
});

test('notifications are accepted without an answer', async () => {
  const posted = await send({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 1 } });
  expect([posted.status, posted.text]).toEqual([202, '']);
});

test('nothing of all this reached the upstream', () => {
  expect(upstream.calls()).toEqual([]);
});
