import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { OtlpCollector, type ReceivedSpan } from '../observability/testing/otlp-collector.js';
import { postModern } from './testing/mcp-post.js';
import { OpenGateway } from './testing/open-gateway.js';
import { sendResult, textResult, UpstreamServer } from './testing/upstream-server.js';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const PARENT = 'b7ad6b7169203331';
const OTHER = '4bf92f3577b34da6a3ce929d0e0e4736';
const SECRET = 'zq-planted-9471';
const eventually = { timeout: 20_000, interval: 20 };

const POLICIES = `
  @id("all") @reason("All may.") permit(principal, action, resource);
  @id("no-delete") @reason("Nobody deletes.") forbid(principal, action == Mcp::Action::"crm/delete", resource);
`;

let collector: OtlpCollector;
let upstream: UpstreamServer;
let gateway: OpenGateway;
beforeAll(async () => {
  collector = await OtlpCollector.listen();
  upstream = await UpstreamServer.modern((request, response) => {
    if (request.message.params?.['name'] === 'fail') {
      const error = { code: -32_000, message: SECRET };
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ jsonrpc: '2.0', id: request.message.id, error }));
      return;
    }
    sendResult(response, request, textResult(SECRET));
  });
  const tools = { get: { effect: 'read' }, delete: { effect: 'destroy' }, fail: { effect: 'read' } };
  gateway = await OpenGateway.open({
    policies: POLICIES,
    servers: { crm: { url: upstream.url, tools, credential: { kind: 'bearer', secret: 'env:TOKEN' } } },
    environment: { TOKEN: SECRET, OTLP: `Basic ${SECRET}` },
    telemetry: { traces: { endpoint: collector.url, headers: { authorization: 'env:OTLP' }, protocol: 'http/json' } },
  });
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await upstream[Symbol.asyncDispose]();
  await collector[Symbol.asyncDispose]();
});
beforeEach(() => {
  collector.received.length = 0;
});

/** The spans of one trace, once the outermost has come. */
async function spansOf(traceId: string): Promise<ReceivedSpan[]> {
  return vi.waitFor(() => {
    const spans = collector.spans.filter((span) => span.traceId === traceId);
    expect(spans.map(({ kind }) => kind)).toContain(2);
    return spans;
  }, eventually);
}

let count = 0;
/** A trace of its own for each call. */
function newTrace(): string {
  count += 1;
  return `${count}`.padStart(32, 'a');
}

async function call(name: string, more: { readonly id?: string | number } = {}): Promise<ReceivedSpan[]> {
  const traceId = newTrace();
  const _meta = { traceparent: `00-${traceId}-${PARENT}-00` };
  await postModern(`${gateway.url}/mcp/crm`, 'tools/call', { name, arguments: { text: SECRET }, _meta }, more);
  return spansOf(traceId);
}

async function factsOf(traceId: string): Promise<Record<string, unknown>[]> {
  const rows = await gateway.storage.db.selectFrom('audit_records').select('header').orderBy('idx').execute();
  return rows
    .map(({ header }) => JSON.parse(header) as { id: string; facts: Record<string, unknown> })
    .filter(({ facts }) => facts['trace'] === traceId)
    .map(({ id, facts }) => Object.assign(facts, { id }));
}

const KINDS = ['', 'internal', 'server', 'client'];

test('a call that is allowed is one span with one below it for each step', async () => {
  const _meta = { traceparent: `00-${TRACE}-${PARENT}-00` };
  const headers = { traceparent: `00-${OTHER}-00f067aa0ba902b7-01` };
  await postModern(`${gateway.url}/mcp/crm`, 'tools/call', { name: 'get', _meta }, { id: 7, headers });
  const spans = await spansOf(TRACE);
  expect(spans.map(({ name, kind }) => `${KINDS[kind]}: ${name}`)).toEqual([
    'server: tools/call get',
    'internal: identify',
    'internal: policy decision',
    'internal: audit intent',
    'internal: credential',
    'client: tools/call get',
    'internal: audit outcome',
  ]);
  const [whole, ...steps] = spans as [ReceivedSpan, ...ReceivedSpan[]];
  const [intent] = await factsOf(TRACE);
  expect([whole.spanId, whole.parentSpanId]).toEqual([intent!['span'], PARENT]);
  expect(steps.map(({ parentSpanId }) => parentSpanId)).toEqual(steps.map(() => whole.spanId));
  expect(new Set(spans.map(({ spanId }) => spanId)).size).toBe(7);
  expect(whole.links).toMatchObject([{ traceId: OTHER, spanId: '00f067aa0ba902b7' }]);
  expect(whole.attributes).toEqual({
    'mcp.method.name': 'tools/call',
    'gen_ai.operation.name': 'execute_tool',
    'gen_ai.tool.name': 'get',
    'jsonrpc.request.id': '7',
    'mcp.protocol.version': '2026-07-28',
    'network.transport': 'tcp',
    'network.protocol.name': 'http',
    'network.protocol.version': '1.1',
    'mcp_sso.server': 'crm',
    'mcp_sso.decision': 'allow',
    'mcp_sso.policy.ids': ['all'],
    'mcp_sso.audit.record': intent!['id'],
  });
  expect(steps[4]?.attributes).toEqual({
    'mcp.method.name': 'tools/call',
    'gen_ai.operation.name': 'execute_tool',
    'gen_ai.tool.name': 'get',
    'jsonrpc.request.id': '7',
    'network.transport': 'tcp',
    'network.protocol.name': 'http',
    'server.address': '127.0.0.1',
    'server.port': Number(new URL(upstream.url).port),
    'mcp_sso.server': 'crm',
  });
  expect(spans.map(({ status }) => status.code)).toEqual(spans.map(() => 0));
});

test('the server is told that the trace is kept, whatever the client said', async () => {
  const [{ traceId, spanId }] = (await call('get')) as [ReceivedSpan];
  expect(upstream.calls().at(-1)!.headers['traceparent']).toBe(`00-${traceId}-${spanId}-01`);
});

test('a denial ends after its record, and is a tool error to whoever called', async () => {
  const spans = await call('delete');
  expect(spans.map(({ name }) => name)).toEqual(['tools/call delete', 'identify', 'policy decision', 'audit intent']);
  expect(spans[0]).toMatchObject({ status: { code: 2 } });
  expect(spans[0]?.attributes).toMatchObject({
    'error.type': 'tool_error',
    'mcp_sso.decision': 'deny',
    'mcp_sso.policy.ids': ['no-delete'],
  });
});

test('an error of the server has its code on both sides', async () => {
  const spans = await call('fail');
  const failed = { 'error.type': '-32000', 'rpc.response.status_code': '-32000' };
  for (const kind of [2, 3]) {
    expect(spans.find((span) => span.kind === kind)).toMatchObject({ attributes: failed, status: { code: 2 } });
  }
});

test('a list is one span', async () => {
  const traceId = newTrace();
  const _meta = { traceparent: `00-${traceId}-${PARENT}-01` };
  await postModern(`${gateway.url}/mcp/crm`, 'tools/list', { _meta });
  expect((await spansOf(traceId)).map(({ name }) => name)).toEqual(['tools/list', 'identify']);
});

test('pitfall 18, secrets in traces: nothing that a client chose freely, was given or sent is exported', async () => {
  const before = await call(SECRET, { id: SECRET });
  expect(before[0]?.name).toBe('tools/call');
  const traceId = newTrace();
  const claims = { tracestate: `vendor=${SECRET}`, 'dev.mcp-sso/chain': { session: SECRET } };
  const _meta = { traceparent: `00-${traceId}-${PARENT}-01`, ...claims };
  await postModern(`${gateway.url}/mcp/crm`, `x-${SECRET}/y`, { uri: SECRET, _meta });
  expect((await spansOf(traceId))[0]?.name).toBe('_OTHER');
  const bodies = Buffer.concat(collector.received.map(({ body }) => body)).toString();
  for (const word of [SECRET, 'alice', 'acme.example', 'Test']) expect(bodies).not.toContain(word);
  expect(collector.received[0]?.headers.authorization).toBe(`Basic ${SECRET}`);
});
