import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { OpenGateway } from './testing/open-gateway.js';
import { postModern } from './testing/mcp-post.js';
import { sendResult, textResult, UpstreamServer } from './testing/upstream-server.js';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const PARENT = `00-${TRACE}-b7ad6b7169203331-01`;

let upstream: UpstreamServer;
let gateway: OpenGateway;
beforeAll(async () => {
  upstream = await UpstreamServer.modern((request, response) => sendResult(response, request, textResult('done')));
  gateway = await OpenGateway.open({
    policies: '@id("all") @reason("All may.") permit(principal, action, resource);',
    servers: { crm: { url: upstream.url } },
  });
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await upstream[Symbol.asyncDispose]();
});
beforeEach(() => {
  upstream.seen.length = 0;
});

interface Traced {
  /** As the server got it. */
  readonly meta: Record<string, unknown>;
  readonly headers: Record<string, unknown>;
  /** Of intent and outcome. */
  readonly facts: readonly Record<string, unknown>[];
}

async function call(meta: Record<string, unknown>, headers: Record<string, string> = {}): Promise<Traced> {
  const posted = await postModern(`${gateway.url}/mcp/crm`, 'tools/call', { name: 'get', _meta: meta }, { headers });
  expect(posted.message.result).toMatchObject({ content: [{ text: 'done' }] });
  const seen = upstream.calls().at(-1)!;
  const rows = await gateway.storage.db
    .selectFrom('audit_records')
    .select('header')
    .orderBy('idx', 'desc')
    .limit(2)
    .execute();
  const facts = rows.map(({ header }) => (JSON.parse(header) as { facts: Record<string, unknown> }).facts);
  return { meta: seen.message.params?.['_meta'] as Record<string, unknown>, headers: seen.headers, facts };
}

test('a call belongs to the trace of its message, and the server to ours: in the message and in HTTP', async () => {
  const { meta, headers, facts } = await call(
    { traceparent: PARENT, tracestate: 'vendor=1', baggage: 'user=alice', 'com.example/own': 1 },
    { traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01', tracestate: 'other=2', baggage: 'a=b' },
  );
  const { span } = facts[0] as { span: string };
  expect(meta).toMatchObject({
    traceparent: `00-${TRACE}-${span}-01`,
    tracestate: 'vendor=1',
    'com.example/own': 1,
  });
  expect(headers).toMatchObject({ traceparent: meta['traceparent'], tracestate: 'vendor=1' });
  expect([meta['baggage'], headers['baggage']]).toEqual([undefined, undefined]);
  const one = { trace: TRACE, span, parentSpan: 'b7ad6b7169203331', linkedTrace: '4bf92f3577b34da6a3ce929d0e0e4736' };
  expect(facts).toEqual([expect.objectContaining(one), expect.objectContaining(one)]);
});

test.each([
  ['no text', { traceparent: 7, tracestate: ['a=1'] }],
  ['no traceparent', { traceparent: `${PARENT}-00\r\nx-evil: 1`, tracestate: 'a=1\r\nx-evil: 1' }],
  ['a state alone', { tracestate: 'a=1' }],
])('a malformed context (%s) fails no call and goes nowhere', async (_what, meta) => {
  const sent = await call(meta);
  expect(sent.meta['traceparent']).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-02$/);
  expect(sent.meta).not.toHaveProperty('tracestate');
  expect(sent.headers).not.toHaveProperty('x-evil');
  expect(sent.facts[0]).not.toHaveProperty('parentSpan');
});

test('what a client says of its agents is on record as a claim, and no server hears of it', async () => {
  const { meta, facts } = await call({ 'dev.mcp-sso/chain': { session: 's', id: 'a' } });
  expect(meta).not.toHaveProperty('dev.mcp-sso/chain');
  expect(facts.map(({ chain }) => chain)).toEqual(['claimed', 'claimed']);
  expect(JSON.stringify(facts)).not.toContain('"s"');
});
