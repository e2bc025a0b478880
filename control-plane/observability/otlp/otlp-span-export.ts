import { ROOT_CONTEXT, SpanKind, SpanStatusCode, TraceFlags, type HrTime } from '@opentelemetry/api';
import { JsonTraceSerializer, ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import type { Resource } from '@opentelemetry/resources';
import {
  BatchSpanProcessor,
  SamplingDecision,
  TraceIdRatioBasedSampler,
  type ReadableSpan,
  type SpanExporter,
} from '@opentelemetry/sdk-trace';
import type { TraceSettings } from '../../config/telemetry-settings.js';
import type { SpanData } from '../requests/request-spans.js';
import { deliver, flush, type OtlpParts } from './otlp-parts.js';
import { SCOPE } from './resource.js';
import { SpanExport } from './span-export.js';

/** Spans that wait; of more the newest are dropped. */
const QUEUE = 4_096;
const BATCH = 512;
/** Milliseconds that a span waits for others. */
const DELAY = 500;
const KINDS = { server: SpanKind.SERVER, client: SpanKind.CLIENT, internal: SpanKind.INTERNAL } as const;

/** Spans on their way to a collector, in batches, beside the calls. */
export class OtlpSpanExport extends SpanExport {
  override readonly showsAddresses: boolean;
  readonly #sampler: TraceIdRatioBasedSampler;
  readonly #processor: BatchSpanProcessor;

  constructor(
    { ratio, protocol, clientAddress }: TraceSettings,
    private readonly parts: OtlpParts,
  ) {
    super();
    this.showsAddresses = clientAddress;
    this.#sampler = new TraceIdRatioBasedSampler(ratio);
    this.#processor = new BatchSpanProcessor({
      exporter: exporterOf(protocol, parts),
      maxQueueSize: QUEUE,
      maxExportBatchSize: BATCH,
      scheduledDelayMillis: DELAY,
    });
  }

  /** By the trace's id alone: what a client asks for in its flags neither fills the collector nor hides a call. */
  override samples(traceId: string): boolean {
    return this.#sampler.shouldSample(ROOT_CONTEXT, traceId).decision === SamplingDecision.RECORD_AND_SAMPLED;
  }

  override add(spans: readonly SpanData[]): void {
    for (const span of spans) this.#processor.onEnd(readableSpan(span, this.parts.resource));
  }

  override async close(): Promise<void> {
    await flush(this.parts, this.#processor.shutdown());
  }
}

function exporterOf(protocol: TraceSettings['protocol'], parts: OtlpParts): SpanExporter {
  const serializer = protocol === 'http/json' ? JsonTraceSerializer : ProtobufTraceSerializer;
  return {
    export: (spans, tell) => void deliver(parts, serializer.serializeRequest(spans), tell),
    shutdown: async () => undefined,
  };
}

function readableSpan(span: SpanData, resource: Resource): ReadableSpan {
  const { traceId, spanId, parentSpanId, startedAt, endedAt, link } = span;
  const context = { traceId, spanId, traceFlags: TraceFlags.SAMPLED };
  return {
    name: span.name,
    kind: KINDS[span.kind],
    spanContext: () => context,
    ...(parentSpanId === undefined ? {} : { parentSpanContext: { ...context, spanId: parentSpanId } }),
    startTime: hrTime(startedAt),
    endTime: hrTime(endedAt),
    duration: hrTime(endedAt - startedAt),
    status: { code: span.isError ? SpanStatusCode.ERROR : SpanStatusCode.UNSET },
    attributes: Object.fromEntries(
      Object.entries(span.attributes).map(([name, value]) => [name, typeof value === 'object' ? [...value] : value]),
    ),
    links: link === undefined ? [] : [{ context: { ...link, traceFlags: TraceFlags.NONE } }],
    events: [],
    ended: true,
    resource,
    instrumentationScope: SCOPE,
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
  };
}

/** Seconds and nanoseconds of a time in milliseconds. */
function hrTime(milliseconds: number): HrTime {
  const seconds = Math.floor(milliseconds / 1_000);
  return [seconds, Math.round((milliseconds - seconds * 1_000) * 1_000_000)];
}
