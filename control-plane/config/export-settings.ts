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

const sink = z.discriminatedUnion('kind', [fileSink, splunkHecSink, syslogSink, webhookSink, objectStorageSink]);
export type SinkSettings = z.output<typeof sink>;

/** `audit.export`: where records go that leave the box. */
export const exportSettings = z
  .record(sinkName, sink)
  .refine((all) => Object.keys(all).length <= MAX_SINKS, `name at most ${MAX_SINKS}`)
  .default({});
