import { expect, test } from 'vitest';
import { ENVELOPE } from './testing/app.js';
import { event, json, stream, succeed } from './testing/control-plane.js';
import { stage } from './testing/stage.js';

test('a legacy request is lifted and signed, its result lowered', async () => {
  await using at = await stage((received, response) =>
    succeed(received, response, { tools: [], ttlMs: 5, cacheScope: 'private', nextCursor: 'c', unknown: { a: 1 } }),
  );
  const params = { cursor: 'c', _meta: { progressToken: 0, 'com.acme/x': [1] } };
  expect(await at.app.ask({ id: 1, method: 'tools/list', params })).toEqual({
    jsonrpc: '2.0',
    id: 1,
    result: { tools: [], nextCursor: 'c', unknown: { a: 1 } },
  });
  const [received] = at.plane.received;
  expect(received?.path).toBe('/mcp');
  expect(received?.headers).toMatchObject({
    authorization: 'DPoP good',
    dpop: `POST ${at.session.origin}/mcp 1`,
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
    'mcp-protocol-version': '2026-07-28',
    'mcp-method': 'tools/list',
    'user-agent': expect.stringMatching(/^mcp-sso\/\d+\.\d+\.\d+\S* \(\w+ \w+\)$/) as string,
  });
  expect(received?.message).toEqual({
    jsonrpc: '2.0',
    id: 1,
    method: 'tools/list',
    params: {
      cursor: 'c',
      _meta: {
        progressToken: 0,
        'com.acme/x': [1],
        'io.modelcontextprotocol/protocolVersion': '2026-07-28',
        'io.modelcontextprotocol/clientInfo': { name: 'Claude Desktop', version: '1.2.3' },
        'io.modelcontextprotocol/clientCapabilities': {
          experimental: { x: 1 },
          elicitation: {},
          sampling: {},
          roots: {},
        },
      },
    },
  });
});

test('numbers that a double cannot hold survive lifting and lowering', async () => {
  await using at = await stage((received, response) => {
    const id = String(received.message['id']);
    json(response, 200, `{"jsonrpc":"2.0","id":${id},"result":{"resultType":"complete","big":12345678901234567890}}`);
  });
  at.app.send('{"jsonrpc":"2.0","id":1,"method":"x/y","params":{"big":98765432109876543210}}');
  await at.app.next();
  expect(at.plane.received[0]?.text).toContain('"big":98765432109876543210');
  expect(at.app.lines.at(-1)).toBe('{"jsonrpc":"2.0","id":1,"result":{"big":12345678901234567890}}');
});

test('a modern request and its answer pass as they are, the answer on one line', async () => {
  await using at = await stage((_received, response) =>
    json(
      response,
      200,
      '{"result": {"big": 12345678901234567890,\r\n"text": "a\\nb"},\n"id": "1", "jsonrpc": "2.0", "x": 1}',
    ),
  );
  const line = JSON.stringify({
    method: 'tools/call',
    x: 1,
    params: { name: 'ü', _meta: ENVELOPE },
    id: '1',
    jsonrpc: '2.0',
  });
  at.app.send(line);
  await at.app.next();
  expect(at.plane.received[0]?.text).toBe(line);
  expect(at.plane.received[0]?.headers['mcp-name']).toBe('=?base64?w7w=?=');
  expect(at.app.lines.at(-1)).toBe(
    '{"result": {"big": 12345678901234567890, "text": "a\\nb"}, "id": "1", "jsonrpc": "2.0", "x": 1}',
  );
});

test('--server speaks to that server, and its own tool sign_in is called', async () => {
  await using at = await stage((received, response) => succeed(received, response, { content: [] }), 'crm');
  await at.app.ask({ id: 1, method: 'tools/call', params: { name: 'sign_in' } });
  expect(at.plane.received.map(({ path }) => path)).toEqual(['/mcp/crm']);
  expect(at.plane.received[0]?.headers['dpop']).toBe(`POST ${at.session.origin}/mcp/crm 1`);
});

test('progress and result of a stream arrive one by one and in order, for id 0 and token 0', async () => {
  const answered = Promise.withResolvers<void>();
  await using at = await stage(async (received, response) => {
    stream(response);
    const progress = { jsonrpc: '2.0', method: 'notifications/progress', params: { progressToken: 0, progress: 1 } };
    event(response, progress);
    await answered.promise;
    response.write(': keep-alive\n\n');
    event(response, { jsonrpc: '2.0', id: received.message['id'], result: { resultType: 'complete', content: [] } });
    response.end();
  });
  at.app.send({ id: 0, method: 'tools/call', params: { name: 'slow', _meta: { progressToken: 0 } } });
  expect(await at.app.next()).toMatchObject({ method: 'notifications/progress', params: { progressToken: 0 } });
  answered.resolve();
  expect(await at.app.next()).toEqual({ jsonrpc: '2.0', id: 0, result: { content: [] } });
});

test('a stream gives a request one answer: the first with its own id', async () => {
  await using at = await stage((received, response) => {
    const id = received.message['id'];
    stream(response);
    event(response, { jsonrpc: '2.0', id: 'other', result: { resultType: 'complete' } });
    event(response, { jsonrpc: '2.0', id: 5, method: 'sampling/createMessage', params: {} });
    event(response, { jsonrpc: '2.0', id, result: { resultType: 'complete', first: true } });
    event(response, { jsonrpc: '2.0', id, result: { resultType: 'complete', first: false } });
    event(response, { jsonrpc: '2.0', method: 'notifications/progress', params: { progressToken: 1, progress: 2 } });
    response.end();
  });
  expect(await at.app.ask({ id: 1, method: 'x/y' })).toEqual({ jsonrpc: '2.0', id: 1, result: { first: true } });
  expect(await at.app.ask({ id: 2, method: 'x/y' })).toMatchObject({ id: 2 });
});

test('unknown methods and notifications are the control plane’s to judge; the session’s own are not passed on', async () => {
  const arrived = Promise.withResolvers<void>();
  await using at = await stage((received, response) => {
    if (received.message['method'] === 'notifications/com.acme/x') {
      response.writeHead(202).end();
      return arrived.resolve();
    }
    return json(response, 404, { jsonrpc: '2.0', id: received.message['id'], error: { code: -32601, message: 'no' } });
  });
  at.app.send({ method: 'notifications/roots/list_changed' });
  at.app.send({ method: 'notifications/com.acme/x', params: { a: 1 } });
  await arrived.promise;
  expect(at.plane.received[0]?.message).toMatchObject({
    method: 'notifications/com.acme/x',
    params: { a: 1, _meta: { 'io.modelcontextprotocol/protocolVersion': '2026-07-28' } },
  });
  expect(await at.app.ask({ id: 1, method: 'acme/unknown' })).toMatchObject({ id: 1, error: { code: -32601 } });
  expect(await at.app.ask({ id: 2, method: 'subscriptions/listen', params: { notifications: {} } })).toMatchObject({
    id: 2,
    error: { code: -32601 },
  });
  expect(at.plane.received).toHaveLength(2);
});

test('the log level of a legacy app goes along with each request, and an unknown one is refused', async () => {
  await using at = await stage((received, response) => succeed(received, response, {}));
  expect(await at.app.ask({ id: 1, method: 'logging/setLevel', params: { level: 'loud' } })).toMatchObject({
    id: 1,
    error: { code: -32602 },
  });
  expect(await at.app.ask({ id: 2, method: 'logging/setLevel', params: { level: 'debug' } })).toEqual({
    jsonrpc: '2.0',
    id: 2,
    result: {},
  });
  await at.app.ask({ id: 3, method: 'tools/call', params: { name: 'x' } });
  expect(at.plane.received[0]?.message).toMatchObject({
    params: { _meta: { 'io.modelcontextprotocol/logLevel': 'debug' } },
  });
});

test('arguments that a listed tool wants as headers travel as headers too', async () => {
  const region = { type: 'string', 'x-mcp-header': 'Region' };
  await using at = await stage((received, response) =>
    succeed(received, response, { tools: [{ name: 'deploy', inputSchema: { properties: { region } } }], content: [] }),
  );
  const call = { method: 'tools/call', params: { name: 'deploy', arguments: { region: 'zürich' } } };
  await at.app.ask({ id: 1, method: 'tools/list' });
  await at.app.ask({ id: 2, ...call });
  await at.app.ask({ id: 3, ...call, params: { ...call.params, _meta: ENVELOPE } });
  expect(at.plane.received.map(({ headers }) => headers['mcp-param-region'])).toEqual([
    undefined,
    '=?base64?esO8cmljaA==?=',
    '=?base64?esO8cmljaA==?=',
  ]);
});
