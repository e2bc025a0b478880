import { expect, test } from 'vitest';
import { isObject } from '#shared/mcp/json-rpc.js';
import { ENVELOPE } from './testing/app.js';
import { json, succeed, type Script } from './testing/control-plane.js';
import { stage } from './testing/stage.js';

const SIZED = {
  name: 'resize',
  inputSchema: { properties: { size: { type: 'integer', 'x-mcp-header': 'Size' } } },
};

/** Refuses what comes without the header; the tool is on the second page of its list. */
const strict: Script = (received, response) => {
  const { method, id, params } = received.message;
  if (method === 'tools/list') {
    const second = isObject(params) && params['cursor'] === 'more';
    return succeed(received, response, second ? { tools: [SIZED] } : { tools: [], nextCursor: 'more' });
  }
  if (received.headers['mcp-param-size'] === '5') return succeed(received, response, { content: [] });
  return json(response, 400, { jsonrpc: '2.0', id, error: { code: -32020, message: 'Header mismatch' } });
};

test.each([
  ['a legacy app', '{"name":"resize","arguments":{"size":5.0}}', {}],
  [
    'a modern app',
    `{"name":"resize","arguments":{"size":5.0},"_meta":${JSON.stringify(ENVELOPE)}}`,
    { resultType: 'complete' },
  ],
])(
  '%s need not have listed a tool that wants headers: it is listed, and the call sent once more',
  async (_app, params, result) => {
    await using at = await stage(strict);
    at.app.send(`{"jsonrpc":"2.0","id":"a","method":"tools/call","params":${params}}`);
    expect(await at.app.next()).toEqual({ jsonrpc: '2.0', id: 'a', result: { ...result, content: [] } });
    expect(at.plane.received.map(({ message: { method } }) => method)).toEqual([
      'tools/call',
      'tools/list',
      'tools/list',
      'tools/call',
    ]);
    expect(at.plane.received[2]?.message['params']).toMatchObject({
      cursor: 'more',
      _meta: { 'io.modelcontextprotocol/protocolVersion': '2026-07-28' },
    });
  },
);

test.each([
  ['other arguments than the server wants', { size: 6 }, ['tools/call', 'tools/list', 'tools/list', 'tools/call']],
  ['no argument that is a header', { else: 5 }, ['tools/call', 'tools/list', 'tools/list']],
])('a call with %s is not sent for ever, and its refusal is passed on', async (_what, callArguments, sent) => {
  await using at = await stage(strict);
  const call = { id: 1, method: 'tools/call', params: { name: 'resize', arguments: callArguments } };
  expect(await at.app.ask(call)).toMatchObject({ id: 1, error: { code: -32020, message: 'Header mismatch' } });
  expect(at.plane.received.map(({ message: { method } }) => method)).toEqual(sent);
});

test('a call that is refused for its headers keeps its refusal where the tools cannot be listed', async () => {
  await using at = await stage((received, response, request) => {
    if (received.message['method'] !== 'tools/list') return strict(received, response, request);
    response.writeHead(502).end();
    return undefined;
  });
  const call = { id: 1, method: 'tools/call', params: { name: 'resize', arguments: { size: 5 } } };
  expect(await at.app.ask(call)).toMatchObject({ id: 1, error: { code: -32020, message: 'Header mismatch' } });
});

test('a mismatch under another status is an answer like any other: the call may have been made', async () => {
  await using at = await stage(({ message: { id } }, response) =>
    json(response, 200, { jsonrpc: '2.0', id, error: { code: -32020, message: 'Header mismatch' } }),
  );
  const call = { id: 1, method: 'tools/call', params: { name: 'resize', arguments: { size: 5 } } };
  expect(await at.app.ask(call)).toMatchObject({ id: 1, error: { code: -32020 } });
  expect(at.plane.received).toHaveLength(1);
});
