import { CodedError } from '#shared/errors.js';
import type { JsonObject, RequestId } from '#shared/mcp/json-rpc.js';
import type { Relay } from '../relay/relay.js';
import type { UpstreamHop } from '../call/upstream-hop.js';
import { INPUT_BOUNDS, type InputBounds } from './client-requests.js';

/** A call at a legacy server that waits for what the server asked of a modern client. */
export interface ParkedCall {
  readonly hop: UpstreamHop;
  readonly relay: Relay;
  /** The server's request. */
  readonly question: { readonly id: RequestId; readonly request: JsonObject };
  readonly reply: (id: RequestId, answer: JsonObject) => void;
}

interface Entry {
  readonly session: string;
  readonly call: ParkedCall;
  readonly timer: NodeJS.Timeout;
}

/** Parked calls of this process, by the id that stands in their sealed state. Each is taken once, or ends with its time. */
export class ParkedCalls {
  readonly #entries = new Map<string, Entry>();

  constructor(private readonly bounds: InputBounds = INPUT_BOUNDS) {}

  /** Throws `rate_limited`, and the call has ended. */
  park(session: string, id: string, call: ParkedCall): void {
    const ofSession = [...this.#entries.values()].filter((entry) => entry.session === session).length;
    if (ofSession >= this.bounds.perSession || this.#entries.size >= this.bounds.total) {
      const error = new CodedError('rate_limited', { message: 'Too many calls wait for an answer of yours.' });
      call.hop.abort(error);
      throw error;
    }
    const timer = setTimeout(() => this.#drop(id, new CodedError('interrupted')), this.bounds.wait);
    timer.unref();
    this.#entries.set(id, { session, call, timer });
  }

  take(session: string, id: string): ParkedCall | undefined {
    const entry = this.#entries.get(id);
    if (entry?.session !== session) return undefined;
    clearTimeout(entry.timer);
    this.#entries.delete(id);
    return entry.call;
  }

  endSession(session: string): void {
    for (const [id, entry] of this.#entries) {
      if (entry.session === session) this.#drop(id, new CodedError('session_ended'));
    }
  }

  close(): void {
    for (const id of this.#entries.keys()) this.#drop(id, new CodedError('shutting_down'));
  }

  /** The server hears that its call is cancelled. */
  #drop(id: string, reason: CodedError): void {
    const entry = this.#entries.get(id);
    this.#entries.delete(id);
    clearTimeout(entry?.timer);
    entry?.call.hop.abort(reason);
  }
}
