import { z } from 'zod';
import type { StorageService } from '../../storage/storage.service.js';

const PURPOSE = 'approvals';

const contentSchema = z.object({
  /** Readable: `shownArguments`. */
  arguments: z.string(),
  reason: z.string(),
  /** What whoever refused it said. */
  refusal: z.string().nullable(),
});
export type RequestContent = z.output<typeof contentSchema>;

/** What an approver reads, sealed for the row that it stands in. */
export function sealRequest(storage: Pick<StorageService, 'seal'>, id: string, content: RequestContent): Buffer {
  return storage.seal(PURPOSE, id, Buffer.from(JSON.stringify(content)));
}

export function openRequest(storage: Pick<StorageService, 'open'>, id: string, sealed: Buffer): RequestContent {
  return contentSchema.parse(JSON.parse(storage.open(PURPOSE, id, sealed).toString()));
}
