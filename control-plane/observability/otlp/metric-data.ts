import { ValueType, type HrTime } from '@opentelemetry/api';
import {
  AggregationTemporality,
  DataPointType,
  type DataPoint,
  type Histogram,
  type MetricData,
} from '@opentelemetry/sdk-metrics';
import type { MetricFamily } from '../metric-family.js';

/** Where the names of the conventions are not those of Prometheus (semantic conventions of MCP, metrics). */
const NAMES: Readonly<Record<string, string>> = {
  mcp_server_operation_duration_seconds: 'mcp.server.operation.duration',
  mcp_client_operation_duration_seconds: 'mcp.client.operation.duration',
  mcp_server_session_duration_seconds: 'mcp.server.session.duration',
  mcp_method_name: 'mcp.method.name',
  mcp_protocol_version: 'mcp.protocol.version',
  mcp_sso_server: 'mcp_sso.server',
  gen_ai_tool_name: 'gen_ai.tool.name',
  gen_ai_prompt_name: 'gen_ai.prompt.name',
  error_type: 'error.type',
};

export interface Interval {
  readonly startTime: HrTime;
  readonly endTime: HrTime;
}

/** What `/metrics` shows, in the data model of OpenTelemetry: counted since the start (cumulative). */
export function metricDataOf(families: readonly MetricFamily[], interval: Interval): MetricData[] {
  return families.map((family) => dataOf(family, interval));
}

function dataOf({ name, help, type, values }: MetricFamily, interval: Interval): MetricData {
  const base = {
    descriptor: {
      name: NAMES[name] ?? name,
      description: help,
      unit: unitOf(name),
      valueType: ValueType.DOUBLE,
    },
    aggregationTemporality: AggregationTemporality.CUMULATIVE,
  };
  if (type === 'histogram') {
    return { ...base, dataPointType: DataPointType.HISTOGRAM, dataPoints: histogramsOf(values, interval) };
  }
  const dataPoints = values.map(({ value, labels }) => ({ ...interval, attributes: attributesOf(labels), value }));
  if (type === 'counter') return { ...base, dataPointType: DataPointType.SUM, isMonotonic: true, dataPoints };
  return { ...base, dataPointType: DataPointType.GAUGE, dataPoints };
}

type Values = MetricFamily['values'];

function histogramsOf(values: Values, interval: Interval): DataPoint<Histogram>[] {
  const series = new Map<string, Values[number][]>();
  for (const value of values) {
    const { le: _bound, ...labels } = value.labels;
    // prom-client names the labels of one series in one order.
    const key = JSON.stringify(labels);
    series.set(key, [...(series.get(key) ?? []), value]);
  }
  return [...series.values()].map((one) => histogramOf(one, interval));
}

/** Prometheus counts what is below each bound; OpenTelemetry what is between two. */
function histogramOf(series: Values, interval: Interval): DataPoint<Histogram> {
  const ending = (end: string): number => series.find(({ metricName }) => metricName?.endsWith(end))?.value ?? 0;
  const buckets = series.filter(({ labels }) => labels['le'] !== undefined);
  const { le: _bound, ...labels } = series[0]?.labels ?? {};
  return {
    ...interval,
    attributes: attributesOf(labels),
    value: {
      buckets: {
        boundaries: buckets.flatMap(({ labels: { le } }) => (typeof le === 'number' ? [le] : [])),
        counts: buckets.map(({ value }, at) => value - (buckets[at - 1]?.value ?? 0)),
      },
      sum: ending('_sum'),
      count: ending('_count'),
    },
  };
}

function attributesOf(labels: Values[number]['labels']): Record<string, string | number> {
  return Object.fromEntries(
    Object.entries(labels).flatMap(([name, value]) => (value === undefined ? [] : [[NAMES[name] ?? name, value]])),
  );
}

/** UCUM. */
function unitOf(name: string): string {
  if (name.endsWith('_seconds')) return 's';
  return name.endsWith('_bytes') ? 'By' : '';
}
