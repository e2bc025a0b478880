import type { ServerResponse } from 'node:http';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { Logger } from '../observability/logger.js';
import { OpenGateway } from './testing/open-gateway.js';
import { postModern } from './testing/mcp-post.js';
import { sendJson, UpstreamServer, type Handler } from './testing/upstream-server.js';

const POLICIES = `
@id("all") @reason("All may.")
permit(principal, action, resource);
`;
const SECRET = 'stream-secret/0123456789';

const handlers = new Map<string, Handler>();
let upstream: UpstreamServer;
let gateway: OpenGateway;

beforeAll(async () => {
  upstream = await UpstreamServer.modern((request, response) =>
    handlers.get(String(request.message.params?.['name']))!(request, response),
  );
  gateway = await OpenGateway.open({
    policies: POLICIES,
    servers: {
      x: { url: upstream.url, credential: { kind: 'bearer', secret: 'env:KEY' } },
    },
    environment: { KEY: SECRET },
    limits: { idle: 1_500 },
  });
});

afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await upstream[Symbol.asyncDispose]();
});

const url = () => `${gateway.url}/mcp/x`;
const call = (name: string) => postModern(url(), 'tools/call', { name });
const event = (message: object) => `event: message\ndata: ${JSON.stringify({ jsonrpc: '2.0', ...message })}\n\n`;
const beginEvents = (response: ServerResponse) => response.writeHead(200, { 'content-type': 'text/event-stream' });
const last = async () => (await gateway.records()).at(-1);

const HOSTILE: [string, Handler, number, string][] = [
  [
    'redirects',
    (_q, r) => void r.writeHead(302, { location: 'http://127.0.0.1:1/' }).end(),
    -31023,
    'upstream_invalid',
  ],
  ['no JSON', (_q, r) => sendJson(r, 200, 'not json'), -31023, 'upstream_invalid'],
  ['broken JSON', (_q, r) => sendJson(r, 200, '{"jsonrpc":"2.0","id":1,"result":{"a":}}'), -31023, 'upstream_invalid'],
  ['half a message', (_q, r) => sendJson(r, 200, '{"jsonrpc":"2.0","id":1,"result":{'), -31023, 'upstream_invalid'],
  ['two messages', (_q, r) => sendJson(r, 200, '{"id":1,"result":{}}{"id":1,"result":{}}'), -31023, 'upstream_invalid'],
  ['no response', (_q, r) => sendJson(r, 200, { jsonrpc: '2.0', method: 'x' }), -31023, 'upstream_invalid'],
  ['HTML', (_q, r) => void r.writeHead(200, { 'content-type': 'text/html' }).end('<p>'), -31023, 'upstream_invalid'],
  [
    'HTML 404',
    (_q, r) => void r.writeHead(404, { 'content-type': 'text/html' }).end('<p>'),
    -31023,
    'upstream_invalid',
  ],
  ['202', (_q, r) => void r.writeHead(202).end(), -31023, 'upstream_invalid'],
  [
    'compression',
    (_q, r) => sendJson(r, 200, '{"id":1,"result":{}}', { 'content-encoding': 'gzip' }),
    -31023,
    'upstream_invalid',
  ],
  ['401', (_q, r) => sendJson(r, 401, { error: SECRET }), -31022, 'upstream_refused'],
  [
    '403',
    (_q, r) => sendJson(r, 403, { jsonrpc: '2.0', id: 1, error: { code: 1, message: SECRET } }),
    -31022,
    'upstream_refused',
  ],
  ['500', (_q, r) => sendJson(r, 500, 'oops'), -31025, 'outcome_unknown'],
  ['a reset', (_q, r) => void r.destroy(), -31025, 'outcome_unknown'],
  ['silence', () => undefined, -31024, 'upstream_timeout'],
  [
    'its own hop',
    (_q, r) => sendJson(r, 400, { jsonrpc: '2.0', id: 1, error: { code: -32022, message: 'v' } }),
    -31023,
    'upstream_invalid',
  ],
  [
    'a stream that ends early',
    (_q, r) => void beginEvents(r).end(event({ method: 'notifications/message', params: {} })),
    -31025,
    'outcome_unknown',
  ],
  [
    'a stream that breaks',
    (_q, r) => void beginEvents(r).write(event({ method: 'notifications/message', params: {} }), () => r.destroy()),
    -31025,
    'outcome_unknown',
  ],
  ['a stream of nonsense', (_q, r) => void beginEvents(r).end('data: hello\n\n'), -31023, 'upstream_invalid'],
];

test.each(HOSTILE)(
  'an upstream with %s is an error with its code, sent once',
  { timeout: 15_000 },
  async (name, handler, code, text) => {
    handlers.set(name, handler);
    upstream.seen.length = 0;
    const { message, status, text: body } = await call(name);
    expect([status, message.error?.code, message.id]).toEqual([200, code, 1]);
    expect(body).not.toContain(SECRET);
    expect(upstream.calls()).toHaveLength(1);
    const unknown = text === 'outcome_unknown' || text === 'upstream_timeout';
    expect(await last()).toBe(`tool.call outcome x ${name} ${unknown ? 'unknown' : 'error'} ${text}`);
  },
);

test('a large result that breaks in the middle is cut, never completed', async () => {
  handlers.set('cut', (_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.write(`{"jsonrpc":"2.0","id":1,"result":{"content":["${'x'.repeat(200_000)}`, () => response.destroy());
  });
  await expect(call('cut')).rejects.toThrow('terminated');
  expect(await last()).toBe('tool.call outcome x cut unknown outcome_unknown');
});

test('a list larger than the limit is refused', { timeout: 20_000 }, async () => {
  handlers.set('undefined', (_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.write('{"jsonrpc":"2.0","id":1,"result":{"tools":["');
    const pump = (): void => {
      while (!response.destroyed && response.write('x'.repeat(65_536)));
      response.once('drain', pump);
    };
    pump();
  });
  const { message } = await postModern(url(), 'tools/list');
  expect(message.error).toMatchObject({
    code: -31023,
    message: 'A list of the MCP server is larger than 8388608 bytes (limits.listBytes). Tell your administrator.',
  });
});

test('a credential echoed as the code of an error is in no log', async () => {
  handlers.set('undefined', (_q, r) =>
    sendJson(r, 200, { jsonrpc: '2.0', id: 1, error: { code: SECRET, message: SECRET } }),
  );
  const warned = vi.spyOn(gateway.app.get(Logger, { strict: false }), 'warn');
  await postModern(`${gateway.url}/mcp`, 'tools/list');
  const lines = JSON.stringify(warned.mock.calls);
  expect(lines).toContain('gateway.list-failed');
  expect(lines).not.toContain(SECRET);
});
