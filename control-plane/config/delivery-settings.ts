import { z } from 'zod';
import { outerReference } from './reference-form.js';

/** Certificates of authorities, PEM, in place of the usual ones. */
const ca = outerReference.optional();

/** One address that takes signed requests (Standard Webhooks). */
export const webhookDestination = z.strictObject({
  kind: z.literal('webhook'),
  url: z.url({ protocol: /^https?$/ }),
  /** Of `whsec_…`, the key of the signatures. */
  secret: outerReference,
  ca,
});
export type WebhookDestination = z.output<typeof webhookDestination>;

/** How long nobody can delete or overwrite an object; the bucket must have object lock. */
const lock = z.strictObject({
  mode: z.enum(['governance', 'compliance']),
  days: z.int().min(1).max(36_500),
});

/** A bucket of S3 or of anything that speaks its API, by path (`ENDPOINT/BUCKET/KEY`). */
const bucketOfObjects = z.strictObject({
  kind: z.literal('object-storage'),
  endpoint: z.url({ protocol: /^https?$/ }),
  region: z.string().regex(/^[a-z0-9-]{1,64}$/),
  bucket: z.string().regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/),
  accessKeyId: outerReference,
  secretAccessKey: outerReference,
  lock: lock.optional(),
  ca,
});

/** `prefix`: what keys begin with unless the settings say otherwise. */
export function objectStorageDestination(prefix: string) {
  return bucketOfObjects.extend({ prefix: z.string().max(512).default(prefix) });
}
export type ObjectStorageDestination = z.output<ReturnType<typeof objectStorageDestination>>;
