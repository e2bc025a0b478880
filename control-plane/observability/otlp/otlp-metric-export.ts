import { JsonMetricsSerializer, ProtobufMetricsSerializer } from '@opentelemetry/otlp-transformer';
import {
  PeriodicExportingMetricReader,
  type MetricProducer,
  type PushMetricExporter,
} from '@opentelemetry/sdk-metrics';
import type { HrTime } from '@opentelemetry/api';
import type { MetricSettings } from '../../config/telemetry-settings.js';
import type { MetricFamily } from '../metric-family.js';
import { metricDataOf } from './metric-data.js';
import { deliver, flush, type OtlpParts } from './otlp-parts.js';
import { SCOPE } from './resource.js';

/** Sends what `/metrics` shows, as long as the process lives. `close` sends the last of it and never rejects. */
export function exportMetrics(
  { everySeconds, protocol }: MetricSettings,
  parts: OtlpParts,
  families: () => Promise<readonly MetricFamily[]>,
): { close(): Promise<void> } {
  const startTime = timeOf(Date.now());
  const producer: MetricProducer = {
    collect: async () => {
      const metrics = metricDataOf(await families(), { startTime, endTime: timeOf(Date.now()) });
      return { resourceMetrics: { resource: parts.resource, scopeMetrics: [{ scope: SCOPE, metrics }] }, errors: [] };
    },
  };
  const milliseconds = everySeconds * 1_000;
  const reader = new PeriodicExportingMetricReader({
    exporter: exporterOf(protocol, parts),
    exportIntervalMillis: milliseconds,
    exportTimeoutMillis: milliseconds,
  });
  reader.setMetricProducer(producer);
  return { close: () => flush(parts, reader.shutdown()) };
}

function exporterOf(protocol: MetricSettings['protocol'], parts: OtlpParts): PushMetricExporter {
  const serializer = protocol === 'http/json' ? JsonMetricsSerializer : ProtobufMetricsSerializer;
  return {
    export: (metrics, tell) => void deliver(parts, serializer.serializeRequest(metrics), tell),
    forceFlush: async () => undefined,
    shutdown: async () => undefined,
  };
}

function timeOf(milliseconds: number): HrTime {
  return [Math.floor(milliseconds / 1_000), (milliseconds % 1_000) * 1_000_000];
}
