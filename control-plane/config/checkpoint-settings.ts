import { z } from 'zod';
import { objectStorageDestination, webhookDestination } from './delivery-settings.js';

const MAX_PLACES = 8;

const placeName = z.string().regex(/^[a-z0-9][a-z0-9-]{0,31}$/, 'use lower-case letters, digits and dashes');

const file = z.strictObject({ kind: z.literal('file'), path: z.string().min(1) });

const place = z.discriminatedUnion('kind', [
  file,
  webhookDestination,
  objectStorageDestination('mcp-sso/checkpoints/'),
]);

/** `audit.checkpoints`: when a signed checkpoint is made, and where it goes that nobody here can change it. */
export const checkpointSettings = z
  .strictObject({
    everySeconds: z.int().min(1).max(86_400).default(60),
    everyRecords: z.int().min(1).max(1_000_000).default(1_000),
    to: z
      .record(placeName, place)
      .refine((all) => Object.keys(all).length <= MAX_PLACES, `name at most ${MAX_PLACES}`)
      .default({}),
  })
  .prefault({});
