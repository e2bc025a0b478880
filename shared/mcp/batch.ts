import { isObject } from './json-rpc.js';

/** The one revision with JSON-RPC batches (2025-03-26, Base Protocol; removed in 2025-06-18). */
export const BATCH_VERSION = '2025-03-26';

export const BATCHES_REFUSED = `Send one message at a time: batches are part of MCP ${BATCH_VERSION} only, and of sessions that agreed on it.`;

/** What is wrong with messages that stand together in one batch; undefined where nothing is. */
export function batchFault(messages: readonly unknown[]): string | undefined {
  if (messages.length === 0) return 'The batch is empty. Send at least one message in it.';
  const requests = messages.filter(isObject).filter(({ method, id }) => method !== undefined && id !== undefined);
  if (requests.some(({ method }) => method === 'initialize')) {
    return '`initialize` may not be part of a batch. Send it alone, and first.';
  }
  const ids = new Set(requests.map(({ id }) => JSON.stringify(id)));
  return ids.size === requests.length ? undefined : 'Two requests of the batch have the same id. Give each its own.';
}
