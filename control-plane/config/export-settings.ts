import { z } from 'zod';
import { objectStorageDestination, webhookDestination } from './delivery-settings.js';
import { outerReference } from './reference-form.js';

const MAX_SINKS = 16;

const sinkName = z.string().regex(/^[a-z0-9][a-z0-9-]{0,31}$/, 'use lower-case letters, digits and dashes');

/** Whether captured arguments and results leave too. */
const captured = z.boolean().default(false);

/** A file on this host, one record a line. */
const fileSink = z.strictObject({
  kind: z.literal('file'),
  path: z.string().min(1),
  format: z.enum(['ndjson', 'ocsf', 'cef']).default('ndjson'),
  captured,
});

/** Splunk's HTTP Event Collector; `url` is its origin. */
const splunkHecSink = z.strictObject({
  kind: z.literal('splunk-hec'),
  url: z.url({ protocol: /^https?$/ }),
  token: outerReference,
  index: z.string().min(1).optional(),
  /** `mcp-sso:audit:FORMAT` unless it is named. */
  sourcetype: z.string().min(1).optional(),
  gzip: z.boolean().default(false),
  /** Certificates of authorities, PEM, in place of the usual ones. */
  ca: outerReference.optional(),
  format: z.enum(['ndjson', 'ocsf']).default('ocsf'),
  captured,
});

/** RFC 5424 over TLS (RFC 5425); the port is 6514 unless it is named. */
const syslogSink = z.strictObject({
  kind: z.literal('syslog'),
  url: z.url({ protocol: /^tls$/ }),
  ca: outerReference.optional(),
  format: z.enum(['ndjson', 'ocsf', 'cef']).default('ocsf'),
  captured,
});

/** Signed requests of one record a line. */
const webhookSink = webhookDestination.extend({
  format: z.enum(['ndjson', 'ocsf']).default('ndjson'),
  captured,
});

/** One object a batch, of one record a line. */
const objectStorageSink = objectStorageDestination('mcp-sso/audit/').extend({
  format: z.enum(['ndjson', 'ocsf']).default('ndjson'),
  /** How long a record waits at most for others to share its object. */
  everySeconds: z.int().min(0).max(240).default(60),
  captured,
});

/** Names that the request has of its own. */
const OWN_HEADERS = new Set(['content-type', 'content-length', 'content-encoding', 'host', 'connection']);
const MAX_HEADERS = 16;

const headerName = z
  .string()
  .regex(/^[A-Za-z0-9-]{1,64}$/, 'use letters, digits and dashes')
  .refine((name) => !OWN_HEADERS.has(name.toLowerCase()), 'this header is set by the export itself');

/** Elasticsearch, a data stream. */
const elasticSink = z.strictObject({
  kind: z.literal('elastic'),
  url: z.url({ protocol: /^https?$/ }),
  apiKey: outerReference,
  dataStream: z
    .string()
    .regex(/^[a-z0-9][a-z0-9._-]{0,99}$/)
    .default('logs-mcp_sso.audit-default'),
  ca: outerReference.optional(),
  format: z.enum(['ndjson', 'ocsf']).default('ndjson'),
  captured,
});

/** Microsoft Sentinel, by the Logs Ingestion API of Azure Monitor; `url` is that of the data collection endpoint. */
const sentinelSink = z.strictObject({
  kind: z.literal('sentinel'),
  url: z.url({ protocol: /^https?$/ }),
  /** The immutable id of the data collection rule. */
  ruleId: z.string().regex(/^dcr-[0-9a-f]{32}$/),
  stream: z.string().regex(/^Custom-[A-Za-z0-9_-]{1,100}$/),
  tenantId: z.string().regex(/^[A-Za-z0-9.-]{1,100}$/),
  clientId: z.string().min(1),
  clientSecret: outerReference,
  /** Other clouds have others. */
  authority: z.url({ protocol: /^https?$/ }).default('https://login.microsoftonline.com'),
  scope: z.string().min(1).default('https://monitor.azure.com//.default'),
  format: z.enum(['ndjson', 'ocsf']).default('ocsf'),
  captured,
});

/** OTLP/HTTP logs in JSON; `url` is that of the receiver, `/v1/logs` is added. */
const otlpSink = z.strictObject({
  kind: z.literal('otlp'),
  url: z.url({ protocol: /^https?$/ }),
  headers: z
    .record(headerName, outerReference)
    .refine((all) => Object.keys(all).length <= MAX_HEADERS, `name at most ${MAX_HEADERS}`)
    .default({}),
  ca: outerReference.optional(),
  format: z.enum(['ndjson', 'ocsf']).default('ndjson'),
  captured,
});

const sink = z.discriminatedUnion('kind', [
  fileSink,
  splunkHecSink,
  syslogSink,
  webhookSink,
  objectStorageSink,
  elasticSink,
  sentinelSink,
  otlpSink,
]);
export type SinkSettings = z.output<typeof sink>;

/** `audit.export`: where records go that leave the box. */
export const exportSettings = z
  .record(sinkName, sink)
  .refine((all) => Object.keys(all).length <= MAX_SINKS, `name at most ${MAX_SINKS}`)
  .default({});
