import { z } from 'zod';
import { outerReference } from './reference-form.js';

const MAX_PLACES = 8;

const placeName = z.string().regex(/^[a-z0-9][a-z0-9-]{0,31}$/, 'use lower-case letters, digits and dashes');

const file = z.strictObject({ kind: z.literal('file'), path: z.string().min(1) });

const webhook = z.strictObject({
  kind: z.literal('webhook'),
  url: z.url({ protocol: /^https?$/ }),
  /** Of `whsec_…`, the key of the signatures. */
  secret: outerReference,
});

/** A bucket of S3 or of anything that speaks its API, by path (`ENDPOINT/BUCKET/KEY`). */
const objectStorage = z.strictObject({
  kind: z.literal('object-storage'),
  endpoint: z.url({ protocol: /^https?$/ }),
  region: z.string().regex(/^[a-z0-9-]{1,64}$/),
  bucket: z.string().regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/),
  prefix: z.string().max(512).default('mcp-sso/checkpoints/'),
  accessKeyId: outerReference,
  secretAccessKey: outerReference,
});

/** `audit.checkpoints`: when a signed checkpoint is made, and where it goes that nobody here can change it. */
export const checkpointSettings = z
  .strictObject({
    everySeconds: z.int().min(1).max(86_400).default(60),
    everyRecords: z.int().min(1).max(1_000_000).default(1_000),
    to: z
      .record(placeName, z.discriminatedUnion('kind', [file, webhook, objectStorage]))
      .refine((all) => Object.keys(all).length <= MAX_PLACES, `name at most ${MAX_PLACES}`)
      .default({}),
  })
  .prefault({});
