import { Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { AuditMetrics } from './audit-metrics.js';

async function lines(registry: Registry, name: string): Promise<string[]> {
  return (await registry.metrics()).split('\n').filter((line) => line.startsWith(name));
}

test('records, how long they took, and the sign-ins among them', async () => {
  const registry = new Registry();
  const metrics = new AuditMetrics(registry);
  metrics.written({ type: 'auth.sign-in', phase: 'event' }, 4);
  metrics.written({ type: 'auth.refused', phase: 'event' }, 4);
  metrics.written({ type: 'tool.call', phase: 'intent' }, 12);
  expect(await lines(registry, 'mcp_sso_sign_ins_total')).toEqual([
    'mcp_sso_sign_ins_total{outcome="ok"} 1',
    'mcp_sso_sign_ins_total{outcome="refused"} 1',
  ]);
  expect(await lines(registry, 'mcp_sso_audit_records_total{type="tool.call"')).toEqual([
    'mcp_sso_audit_records_total{type="tool.call",phase="intent"} 1',
  ]);
  expect(await lines(registry, 'mcp_sso_audit_write_duration_seconds_bucket{le="0.005"}')).toEqual([
    'mcp_sso_audit_write_duration_seconds_bucket{le="0.005"} 2',
  ]);
});

test('what waits is asked for when somebody looks, and what failed is counted', async () => {
  const registry = new Registry();
  const metrics = new AuditMetrics(registry);
  metrics.watch(() => 7);
  metrics.failed();
  expect(await lines(registry, 'mcp_sso_audit_queue_records')).toEqual(['mcp_sso_audit_queue_records 7']);
  expect(await lines(registry, 'mcp_sso_audit_write_failures_total')).toEqual(['mcp_sso_audit_write_failures_total 1']);
});
