import { Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { RequestMetrics } from './request-metrics.js';
import type { ObservedRequest } from './requests/observed-request.js';

const CALL: ObservedRequest = { method: 'tools/call', startedAt: 0, endedAt: 30, steps: [], server: 'crm' };

async function lines(registry: Registry, name: string): Promise<string[]> {
  return (await registry.metrics()).split('\n').filter((line) => line.startsWith(name));
}

test('of more tools than there is room for, those that came first keep times of their own', async () => {
  const registry = new Registry();
  const metrics = new RequestMetrics(registry);
  for (let at = 0; at < 1_100; at += 1) metrics.answered({ ...CALL, target: { kind: 'tool', name: `t${at}` } });
  metrics.answered({ ...CALL, target: { kind: 'tool', name: 't0' } });
  const counts = await lines(registry, 'mcp_server_operation_duration_seconds_count');
  expect(counts).toHaveLength(1_001);
  expect(counts).toContain(
    'mcp_server_operation_duration_seconds_count{mcp_method_name="tools/call",mcp_sso_server="crm",gen_ai_tool_name="t0"} 2',
  );
  expect(counts).toContain(
    'mcp_server_operation_duration_seconds_count{mcp_method_name="tools/call",mcp_sso_server="crm"} 100',
  );
});

test('what fell at the server is an error there, with the time that it took', async () => {
  const registry = new Registry();
  const metrics = new RequestMetrics(registry);
  const upstreamFailure = { type: 'upstream_timeout', code: 'upstream_timeout' };
  metrics.answered({ ...CALL, decision: 'allow', upstreamSeconds: 25, upstreamFailure });
  expect(await lines(registry, 'mcp_sso_upstream_errors_total')).toEqual([
    'mcp_sso_upstream_errors_total{server="crm",error="upstream_timeout"} 1',
  ]);
  expect(await lines(registry, 'mcp_client_operation_duration_seconds_sum')).toEqual([
    'mcp_client_operation_duration_seconds_sum{mcp_method_name="tools/call",mcp_sso_server="crm",error_type="upstream_timeout"} 25',
  ]);
});

test('calls and streams are counted when somebody looks', async () => {
  const registry = new Registry();
  const counts = { calls: 3, streams: 2 };
  new RequestMetrics(registry).watch(() => counts);
  expect(await lines(registry, 'mcp_sso_calls_under_way')).toEqual(['mcp_sso_calls_under_way 3']);
  counts.streams = 1;
  expect(await lines(registry, 'mcp_sso_streams_open')).toEqual(['mcp_sso_streams_open 1']);
});
