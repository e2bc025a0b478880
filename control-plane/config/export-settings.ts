import { z } from 'zod';

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

const sink = z.discriminatedUnion('kind', [fileSink]);
export type SinkSettings = z.output<typeof sink>;

/** `audit.export`: where records go that leave the box. */
export const exportSettings = z
  .record(sinkName, sink)
  .refine((all) => Object.keys(all).length <= MAX_SINKS, `name at most ${MAX_SINKS}`)
  .default({});
