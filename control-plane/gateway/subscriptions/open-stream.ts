import type { CallInFlight } from '../calls-in-flight.js';
import type { ClientResponse } from '../relay/client-response.js';

/** Milliseconds between comments that keep proxies from closing a silent stream. */
const KEEP_ALIVE = 15_000;

/** Keeps an event stream open until its call ends, and rejects with the reason of that. */
export async function keepOpen(client: ClientResponse, call: CallInFlight): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>();
  const onAbort = (): void => reject(call.signal.reason);
  const timer = setInterval(() => client.comment(), KEEP_ALIVE);
  call.signal.addEventListener('abort', onAbort, { once: true });
  try {
    call.signal.throwIfAborted();
    return await promise;
  } finally {
    clearInterval(timer);
    call.signal.removeEventListener('abort', onAbort);
  }
}
