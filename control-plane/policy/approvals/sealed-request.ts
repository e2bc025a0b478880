import { z } from 'zod';
import type { StorageService } from '../../storage/storage.service.js';

const PURPOSE = 'approvals';
/** Of one that is long over (`ExpirySweep`), or was used. */
export const DROPPED = Buffer.alloc(0);

const contentSchema = z.object({
  /** Readable: `shownArguments`; null where nobody has to read them any more. */
  arguments: z.string().nullable(),
  reason: z.string(),
  /** Who acts for the requester, nearest first. */
  actors: z.array(z.string()),
  /** What whoever refused it said. */
  refusal: z.string().nullable(),
});
export type RequestContent = z.output<typeof contentSchema>;

/** What an approver reads, sealed for the row that it stands in. */
export function sealRequest(storage: Pick<StorageService, 'seal'>, id: string, content: RequestContent): Buffer {
  return storage.seal(PURPOSE, id, Buffer.from(JSON.stringify(content)));
}

export function openRequest(storage: Pick<StorageService, 'open'>, id: string, sealed: Buffer): RequestContent {
  if (sealed.length === 0) return { arguments: null, reason: '', actors: [], refusal: null };
  return contentSchema.parse(JSON.parse(storage.open(PURPOSE, id, sealed).toString()));
}
