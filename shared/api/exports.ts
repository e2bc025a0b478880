import { z } from 'zod';

/** How far something is that brings the audit log out of the box. */
const progress = {
  /** Of the settings: `audit.export.NAME`, `audit.checkpoints.to.NAME`. */
  name: z.string(),
  kind: z.string(),
  /** How many it does not have yet. */
  waiting: z.int(),
  /** Since the oldest of them came, or since it takes nothing, if that is longer; 0 where none waits. */
  lagSeconds: z.number(),
};

const exportSchema = z.object({
  ...progress,
  /** Index of the first record that it does not have. */
  next: z.int(),
  /** RFC 3339, UTC: since when it takes nothing; null while it does. */
  failingSince: z.string().nullable(),
  /** Why, in words; never a secret or an address. */
  failure: z.string().nullable(),
});

const checkpointPlaceSchema = z.object({
  ...progress,
  /** Records that the last checkpoint covers that it has; null where it has none. */
  size: z.int().nullable(),
});

/** `GET /api/v1/exports`: each sink and each place for checkpoints of the settings, in their order; none of them is asked. */
export const exportListSchema = z.object({
  exports: z.array(exportSchema),
  checkpoints: z.array(checkpointPlaceSchema),
});
export type ExportList = z.output<typeof exportListSchema>;
