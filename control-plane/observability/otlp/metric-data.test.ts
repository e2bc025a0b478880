import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { expect, test } from 'vitest';
import type { MetricFamily } from '../metric-family.js';
import { metricDataOf, type Interval } from './metric-data.js';

const INTERVAL: Interval = { startTime: [1, 0], endTime: [2, 0] };

async function dataOf(registry: Registry) {
  return metricDataOf((await registry.getMetricsAsJSON()) as unknown as MetricFamily[], INTERVAL);
}

test('a histogram counts between two bounds, for each series', async () => {
  const registry = new Registry();
  const histogram = new Histogram({
    name: 'mcp_server_operation_duration_seconds',
    help: 'h',
    labelNames: ['mcp_method_name'],
    buckets: [1, 2],
    registers: [registry],
  });
  for (const seconds of [0.5, 1.5, 1.6, 9]) histogram.observe({ mcp_method_name: 'ping' }, seconds);
  histogram.observe({ mcp_method_name: 'tools/call' }, 1);
  expect(await dataOf(registry)).toMatchObject([
    {
      descriptor: { name: 'mcp.server.operation.duration', unit: 's' },
      dataPoints: [
        {
          ...INTERVAL,
          attributes: { 'mcp.method.name': 'ping' },
          value: { buckets: { boundaries: [1, 2], counts: [1, 2, 1] }, count: 4, sum: 12.6 },
        },
        {
          attributes: { 'mcp.method.name': 'tools/call' },
          value: { buckets: { counts: [1, 0, 0] }, count: 1, sum: 1 },
        },
      ],
    },
  ]);
});

test('counters are sums, gauges are what they are', async () => {
  const registry = new Registry();
  new Counter({ name: 'a_total', help: 'a', labelNames: ['server'], registers: [registry] }).inc({ server: 'crm' }, 3);
  new Gauge({ name: 'b_bytes', help: 'b', registers: [registry] }).set(7);
  expect(await dataOf(registry)).toMatchObject([
    { descriptor: { name: 'a_total' }, isMonotonic: true, dataPoints: [{ attributes: { server: 'crm' }, value: 3 }] },
    { descriptor: { name: 'b_bytes', unit: 'By' }, dataPoints: [{ attributes: {}, value: 7 }] },
  ]);
});
