import { setTimeout as wait } from 'node:timers/promises';
import type { Holdings, InspectedProcess } from './inspected-process.js';

/** Bytes; some hundred messages would have to stay to pass it, and 10,000 of the smallest would by far. */
const HEAP_MARGIN = 48 * 1024 * 1024;
/** Connections that are kept for the next request. */
const DESCRIPTOR_MARGIN = 12;
const SETTLE_MS = 20_000;
const EVERY_MS = 200;

/** In what a process has grown since `before`, once what is merely under way has come to its end; empty where it has not. */
export async function grown(process: InspectedProcess, before: Holdings): Promise<string> {
  const now = await settledWith(
    () => process.holdings(),
    ({ heap, fileDescriptors }) =>
      heap <= before.heap + HEAP_MARGIN && fileDescriptors <= before.fileDescriptors + DESCRIPTOR_MARGIN,
  );
  const much = now.heap > before.heap + HEAP_MARGIN || now.fileDescriptors > before.fileDescriptors + DESCRIPTOR_MARGIN;
  return much ? `${JSON.stringify(before)} → ${JSON.stringify(now)}` : '';
}

/** What `look` finds once it is right, or when it did not become right in 20 seconds. */
export async function settledWith<T>(look: () => T | Promise<T>, right: (found: T) => boolean): Promise<T> {
  const deadline = Date.now() + SETTLE_MS;
  for (;;) {
    const found = await look();
    if (right(found) || Date.now() > deadline) return found;
    await wait(EVERY_MS);
  }
}
