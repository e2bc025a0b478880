import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { Metrics } from '../observability/metrics.js';
import { attributesOf, OtlpCollector } from '../observability/testing/otlp-collector.js';
import { LegacyClient } from './testing/legacy-client.js';
import { postModern } from './testing/mcp-post.js';
import { OpenGateway } from './testing/open-gateway.js';
import { sendResult, textResult, UpstreamServer } from './testing/upstream-server.js';

const SECRET = 'zq-planted-9471';
const POLICIES = `
  @id("all") @reason("All may.") permit(principal, action, resource);
  @id("no-delete") @reason("Nobody deletes.") forbid(principal, action == Mcp::Action::"crm/delete", resource);
`;

let collector: OtlpCollector;
let upstream: UpstreamServer;
let gateway: OpenGateway;
beforeAll(async () => {
  collector = await OtlpCollector.listen();
  upstream = await UpstreamServer.modern((request, response) => sendResult(response, request, textResult(SECRET)));
  const tools = { get: { effect: 'read' }, delete: { effect: 'destroy' } };
  gateway = await OpenGateway.open({
    policies: POLICIES,
    servers: { crm: { url: upstream.url, tools } },
    telemetry: { metrics: { endpoint: collector.url, protocol: 'http/json', everySeconds: 1 } },
  });
  for (const name of ['get', 'get', 'delete', SECRET]) {
    await postModern(`${gateway.url}/mcp/crm`, 'tools/call', { name });
  }
  await postModern(`${gateway.url}/mcp/${SECRET}`, 'tools/call', { name: 'get' });
  await postModern(`${gateway.url}/mcp/crm`, SECRET, {});
  await postModern(`${gateway.url}/mcp/crm`, 'tools/list', {}, { as: SECRET });
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await upstream[Symbol.asyncDispose]();
  await collector[Symbol.asyncDispose]();
});

async function lines(name: string): Promise<string[]> {
  const { text } = await gateway.app.get(Metrics, { strict: false }).exposition();
  expect(text).not.toContain(SECRET);
  return text.split('\n').filter((line) => line.startsWith(name));
}

test('calls by server and decision, and a server that does not exist has no name', async () => {
  expect((await lines('mcp_sso_calls_total')).toSorted()).toEqual([
    'mcp_sso_calls_total{server="",decision="deny"} 1',
    'mcp_sso_calls_total{server="crm",decision="allow"} 4',
    'mcp_sso_calls_total{server="crm",decision="deny"} 1',
  ]);
});

test('requests have their times by method, server, listed tool and error', async () => {
  expect((await lines('mcp_server_operation_duration_seconds_count')).toSorted()).toEqual([
    'mcp_server_operation_duration_seconds_count{mcp_method_name="_OTHER",mcp_sso_server="crm"} 1',
    'mcp_server_operation_duration_seconds_count{mcp_method_name="tools/call",error_type="-31013"} 1',
    'mcp_server_operation_duration_seconds_count{mcp_method_name="tools/call",mcp_sso_server="crm",gen_ai_tool_name="delete",error_type="tool_error"} 1',
    'mcp_server_operation_duration_seconds_count{mcp_method_name="tools/call",mcp_sso_server="crm",gen_ai_tool_name="get"} 2',
    'mcp_server_operation_duration_seconds_count{mcp_method_name="tools/call",mcp_sso_server="crm"} 1',
  ]);
  expect(await lines('mcp_client_operation_duration_seconds_count')).toContain(
    'mcp_client_operation_duration_seconds_count{mcp_method_name="tools/call",mcp_sso_server="crm",gen_ai_tool_name="get"} 2',
  );
});

test('whoever is refused before being identified is counted by code', async () => {
  expect(await lines('mcp_sso_refusals_total')).toEqual(['mcp_sso_refusals_total{code="token_invalid"} 1']);
});

test('a session that an older client ends has its time', async () => {
  const client = await LegacyClient.open(`${gateway.url}/mcp`, { version: '2025-06-18' });
  const ended = await fetch(client.url, { method: 'DELETE', headers: client.headers });
  expect([ended.status, await ended.text()]).toEqual([200, '']);
  expect(await lines('mcp_server_session_duration_seconds_count')).toEqual([
    'mcp_server_session_duration_seconds_count{mcp_protocol_version="2025-06-18"} 1',
  ]);
});

test('the audit says how long records take and what they are', async () => {
  expect(await lines('mcp_sso_audit_records_total{type="tool.call"')).toEqual([
    'mcp_sso_audit_records_total{type="tool.call",phase="intent"} 3',
    'mcp_sso_audit_records_total{type="tool.call",phase="outcome"} 3',
    'mcp_sso_audit_records_total{type="tool.call",phase="event"} 2',
  ]);
  expect(await lines('mcp_sso_audit_queue_records')).toEqual(['mcp_sso_audit_queue_records 0']);
  expect(await lines('mcp_sso_audit_write_failures_total')).toEqual(['mcp_sso_audit_write_failures_total 0']);
  expect(await lines('mcp_sso_calls_under_way')).toEqual(['mcp_sso_calls_under_way 0']);
});

test('the same goes to a collector, by the names of the conventions', async () => {
  const points = await vi.waitFor(() => {
    const found = collector.metrics.get('mcp.server.operation.duration')?.histogram?.dataPoints;
    expect(found?.length).toBeGreaterThanOrEqual(5);
    return found!;
  }, 20_000);
  const get = points.find(({ attributes }) => attributesOf(attributes)['gen_ai.tool.name'] === 'get');
  expect(attributesOf(get!.attributes)).toEqual({
    'mcp.method.name': 'tools/call',
    'mcp_sso.server': 'crm',
    'gen_ai.tool.name': 'get',
  });
  expect(get).toMatchObject({
    count: 2,
    explicitBounds: [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 120, 300],
  });
  expect(get!.bucketCounts).toHaveLength(15);
  expect(get!.bucketCounts!.reduce((sum, one) => sum + one)).toBe(2);
  expect(collector.metrics.get('mcp_sso_calls_total')).toMatchObject({ sum: { isMonotonic: true } });
  expect(collector.metrics.get('mcp_sso_calls_under_way')?.gauge?.dataPoints).toHaveLength(1);
  expect(Buffer.concat(collector.received.map(({ body }) => body)).includes(SECRET)).toBe(false);
});

test('pitfall 30, telemetry: nobody’s words are in the metrics, on the page or at the collector', async () => {
  const { text } = await gateway.app.get(Metrics, { strict: false }).exposition();
  await vi.waitFor(() => expect(collector.metrics.size).toBeGreaterThan(0), 20_000);
  const sent = Buffer.concat(collector.received.map(({ body }) => body)).toString();
  expect(text).toContain('gen_ai_tool_name="get"');
  expect(sent).toContain('gen_ai.tool.name');
  for (const word of [SECRET, 'alice', 'acme.example', 'usr_', 'ses_']) {
    expect([word, text.includes(word), sent.includes(word)]).toEqual([word, false, false]);
  }
});
