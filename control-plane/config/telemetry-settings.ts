import { z } from 'zod';
import { outerReference } from './reference-form.js';

const MAX_HEADERS = 16;

/** RFC 9110 §5.1, without those that the request itself decides. */
const headerName = z
  .string()
  .regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}$/, 'use the name of an HTTP header')
  .regex(
    /^(?!(?:host|connection|content-length|content-type|content-encoding|transfer-encoding|expect|upgrade)$)/i,
    'choose another header: this one is set by the request itself',
  );

/** A collector that speaks OTLP over HTTP (OpenTelemetry Protocol §OTLP/HTTP). */
const collector = {
  /** The signal's whole address; without a path, the usual one (`/v1/traces`, `/v1/metrics`). */
  endpoint: z.url({ protocol: /^https?$/ }),
  headers: z
    .record(headerName, outerReference)
    .refine((all) => Object.keys(all).length <= MAX_HEADERS, `name at most ${MAX_HEADERS}`)
    .default({}),
  protocol: z.enum(['http/protobuf', 'http/json']).default('http/protobuf'),
} as const;

const traceSettings = z.strictObject({
  ...collector,
  /** Part of the traces that is exported, chosen by their ids. */
  ratio: z.number().min(0).max(1).default(1),
  /** Whether spans hold `client.address`, which is personal data. */
  clientAddress: z.boolean().default(false),
});

const metricSettings = z.strictObject({ ...collector, everySeconds: z.int().min(1).max(3_600).default(60) });

/** `telemetry`: traces and metrics by OpenTelemetry. Nothing leaves unless it is written here; no environment variable is read. */
export const telemetrySettings = z
  .strictObject({ traces: traceSettings.optional(), metrics: metricSettings.optional() })
  .prefault({});

export type TraceSettings = z.output<typeof traceSettings>;
export type MetricSettings = z.output<typeof metricSettings>;
export type CollectorSettings = Pick<TraceSettings, keyof typeof collector>;
