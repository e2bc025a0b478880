import type { JsonObject, JsonRpcNotification } from '#shared/mcp/json-rpc.js';
import type { Listener, Listening } from './listening.js';
import type { Addressed, UpstreamAnswer, UpstreamRequest } from './upstream-request.js';

/** Speaks with the servers of one transport. Errors are coded; see `shared/errors.ts`, "the far side". */
export interface Transport {
  /** Sends a request, once, and resolves when its answer begins. */
  open(request: Addressed<UpstreamRequest>): Promise<UpstreamAnswer>;
  /** What the server says of itself, as a `server/discover` result. */
  describe(scope: Addressed): Promise<JsonObject>;
  /** Passes a notification of the client on, and resolves when it was handed over. */
  notify(scope: Addressed, message: JsonRpcNotification): Promise<void>;
  /** Hears what the server says outside of calls, until `close`; `meta` is the client's envelope. */
  listen(scope: Addressed, meta: JsonObject, listener: Listener): Promise<Listening>;
  /** A sign-in, or one client of it, has ended: what was opened for it ends too. */
  endPartition(partition: string, client?: string): void;
  closeIdle(): void;
}
