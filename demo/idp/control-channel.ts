import { z } from 'zod';
import type { Directory } from './people.js';

/** What a test may tell this process over Node's IPC; nothing of it is reachable by HTTP. */
const messageSchema = z.strictObject({
  id: z.number(),
  person: z.string(),
  change: z.strictObject({
    active: z.boolean().optional(),
    groups: z.array(z.string()).optional(),
    name: z.string().optional(),
    email: z.string().optional(),
  }),
});

/** Applies changes to the directory and answers each with `{ done: id }`. Ends the process with its parent. */
export function listenToParent(directory: Directory): void {
  if (!process.send) return;
  process.on('message', (raw) => {
    const message = messageSchema.safeParse(raw);
    if (!message.success) return;
    const { id, person, change } = message.data;
    directory.change(person, change);
    process.send?.({ done: id });
  });
  process.on('disconnect', () => process.exit(0));
}
