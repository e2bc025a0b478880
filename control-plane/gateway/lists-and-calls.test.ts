import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { modernHeaders } from '#shared/mcp/headers.js';
import { modernRequest, postModern } from './testing/mcp-post.js';
import { OpenGateway } from './testing/open-gateway.js';
import { sendJson, sendResult, textResult, UpstreamServer } from './testing/upstream-server.js';

const POLICIES = `
@id("engineering") @reason("Engineering uses everything.")
permit(principal in Mcp::Group::"idp/engineering", action, resource);
@id("readers") @reason("Everyone reads.")
permit(principal, action in Mcp::Action::"read", resource in Mcp::Server::"a");
@id("small-payments") @reason("Sales pays small amounts.")
permit(principal in Mcp::Group::"idp/sales", action == Mcp::Action::"a/pay", resource)
when { context.args has amount && context.args.amount <= 100 };
@id("no-large-payments") @reason("Nobody pays more than 500.")
forbid(principal, action == Mcp::Action::"a/pay", resource) when { context.args has amount && context.args.amount > 500 };
@id("no-reset") @reason("Nobody resets.")
forbid(principal, action == Mcp::Action::"a/reset", resource);
@id("elsewhere") @reason("Exports stay in the office.")
forbid(principal, action == Mcp::Action::"a/export", resource) unless { context.session.ip.isInRange(ip("10.0.0.0/8")) };
`;
const TOOLS = ['get', 'put', 'pay', 'reset', 'export', 'read', 'call', 'a/get', '__proto__', 'GET'];
const PEOPLE = ['alice', 'bob', 'carol'];

let upstream: UpstreamServer;
let gateway: OpenGateway;

beforeAll(async () => {
  upstream = await UpstreamServer.modern((request, response) => {
    const { method, params } = request.message;
    if (method === 'tools/list') {
      const properties = { amount: { type: 'integer' } };
      const tools = TOOLS.map((name) => ({ name, inputSchema: { type: 'object', properties } }));
      sendResult(response, request, { resultType: 'complete', tools });
    } else if (method === 'tools/call') sendResult(response, request, textResult(String(params?.['name'])));
    else sendJson(response, 404, { jsonrpc: '2.0', id: request.message.id, error: { code: -32601, message: 'no' } });
  });
  const tools = { get: { effect: 'read' }, export: { effect: 'read' }, pay: { effect: 'write' } };
  gateway = await OpenGateway.open({ servers: { a: { url: upstream.url, tools } }, policies: POLICIES, reviews: true });
  // The first list says what arguments the tools have; the policies that read them hold from then on.
  await vi.waitFor(payIsKnown, { timeout: 20_000 });
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await upstream[Symbol.asyncDispose]();
});

async function payIsKnown(): Promise<void> {
  if (!(await listed('alice')).includes('pay')) throw new Error('the arguments of pay are not known yet');
}

async function listed(as: string): Promise<string[]> {
  const { message } = await postModern(`${gateway.url}/mcp/a`, 'tools/list', {}, { as });
  return ((message.result?.['tools'] ?? []) as { name: string }[]).map(({ name }) => name);
}

async function allows(as: string, name: string, args: Record<string, unknown>): Promise<boolean> {
  const { message } = await postModern(`${gateway.url}/mcp/a`, 'tools/call', { name, arguments: args }, { as });
  return message.error === undefined && message.result?.isError !== true;
}

test('what a list shows can be called and what it hides cannot, but for a tool that depends on its arguments', async () => {
  const shown: string[] = [];
  const contradictions: string[] = [];
  for (const as of PEOPLE) {
    const names = await listed(as);
    for (const name of TOOLS.filter((one) => one !== 'pay')) {
      if ((await allows(as, name, {})) !== names.includes(name)) contradictions.push(`${as}: ${name}`);
    }
    shown.push(`${as}: ${names.join(' ')}`);
  }
  expect(contradictions).toEqual([]);
  expect(shown).toEqual(['alice: get put pay read call a/get __proto__ GET', 'bob: get pay', 'carol: get']);
});

test('a tool that is shown for the sake of some arguments is denied with others', async () => {
  expect(await allows('alice', 'pay', {})).toBe(true);
  expect(await allows('alice', 'pay', { amount: 500 })).toBe(true);
  expect(await allows('alice', 'pay', { amount: 501 })).toBe(false);
  expect(await allows('alice', 'pay', { Amount: 1 })).toBe(false);
  expect(await allows('bob', 'pay', {})).toBe(false);
  expect(await allows('bob', 'pay', { amount: 100 })).toBe(true);
  expect(await allows('bob', 'pay', { amount: 101 })).toBe(false);
  expect(await allows('bob', 'pay', { amount: '1' })).toBe(false);
  expect(await allows('carol', 'pay', { amount: 1 })).toBe(false);
});

test('a denial names the argument that could not be read, and not its value', async () => {
  const args = { name: 'pay', arguments: { amount: 'a-secret' } };
  const { message, text } = await postModern(`${gateway.url}/mcp/a`, 'tools/call', args);
  expect(message.result?.content?.[0]?.text).toMatch(
    /^Company policy denied this call: The argument “amount” is not a number, so the policies cannot judge it\. Reference: /,
  );
  expect(text).not.toContain('a-secret');
});

test('of two equal keys the server gets the one that was judged, and no other', async () => {
  const call = modernRequest('tools/call', { name: 'pay', arguments: { amount: 1 } });
  const send = async (text: string): Promise<string> => {
    const body = JSON.stringify(call).replace('{"amount":1}', text);
    const headers = { ...modernHeaders(call), authorization: 'Bearer alice' };
    return await (await fetch(`${gateway.url}/mcp/a`, { method: 'POST', headers, body })).text();
  };
  expect(await send('{"amount":1,"amount":501}')).toContain('Nobody pays more than 500.');
  expect(await send('{"amount":501,"amount":2}')).not.toContain('Nobody pays');
  const sent = upstream.seen.filter(({ text }) => text.includes('tools/call')).map(({ text }) => text);
  expect(sent.at(-1)).toContain('{"amount":2}');
  expect(sent.filter((text) => text.includes('"amount":501'))).toEqual([]);
});
