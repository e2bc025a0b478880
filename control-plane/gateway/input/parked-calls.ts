import { CodedError } from '#shared/errors.js';
import type { JsonObject, RequestId } from '#shared/mcp/json-rpc.js';
import type { Relay } from '../relay/relay.js';
import type { UpstreamHop } from '../call/upstream-hop.js';
import type { Identifier } from '../call/identify.js';
import type { StateBinding } from './request-state.js';
import { INPUT_BOUNDS, type InputBounds } from './client-requests.js';

/** A call at a legacy server that waits for what the server asked of a modern client. */
export interface ParkedCall {
  readonly hop: UpstreamHop;
  readonly relay: Relay;
  /** The server's request. */
  readonly question: { readonly id: RequestId; readonly request: JsonObject };
  readonly reply: (id: RequestId, answer: JsonObject) => void;
  /** With which the server was asked. */
  readonly secrets: readonly string[];
}

interface Entry {
  readonly binding: StateBinding;
  readonly call: ParkedCall;
  readonly timer: NodeJS.Timeout;
  readonly watch: Disposable;
}

/** Parked calls of this process, by the id that stands in their sealed state. Each is taken once, or ends with its time. */
export class ParkedCalls {
  readonly #entries = new Map<string, Entry>();

  constructor(
    private readonly identity: Pick<Identifier, 'watch'>,
    private readonly bounds: InputBounds = INPUT_BOUNDS,
  ) {}

  /** Throws `rate_limited`, and the call has ended. */
  park(binding: StateBinding, id: string, call: ParkedCall): void {
    const { session } = binding;
    const ofSession = [...this.#entries.values()].filter((entry) => entry.binding.session === session).length;
    if (ofSession >= this.bounds.perSession || this.#entries.size >= this.bounds.total) {
      const error = new CodedError('rate_limited', {
        message:
          'Too many calls wait for an answer of yours, so this one was cancelled. It is not known whether it took effect.',
      });
      call.hop.abort(error);
      throw error;
    }
    const timer = setTimeout(() => this.#drop(id, new CodedError('interrupted')), this.bounds.wait);
    timer.unref();
    const watch = this.identity.watch(session, (reason) => this.#drop(id, reason));
    this.#entries.set(id, { binding, call, timer, watch });
  }

  take(session: string, id: string): ParkedCall | undefined {
    const entry = this.#entries.get(id);
    if (entry?.binding.session !== session) return undefined;
    this.#forget(id, entry);
    return entry.call;
  }

  endSession(session: string): void {
    for (const [id, { binding }] of this.#entries) {
      if (binding.session === session) this.#drop(id, new CodedError('session_ended'));
    }
  }

  /** Ends those that could not be taken up again, because what permitted them is no longer in force. */
  keep(permitted: (binding: StateBinding) => boolean): void {
    for (const [id, { binding }] of this.#entries)
      if (!permitted(binding)) this.#drop(id, new CodedError('interrupted'));
  }

  close(): void {
    for (const id of this.#entries.keys()) this.#drop(id, new CodedError('shutting_down'));
  }

  /** The server hears that its call is cancelled. */
  #drop(id: string, reason: CodedError): void {
    const entry = this.#entries.get(id);
    if (entry === undefined) return;
    this.#forget(id, entry);
    entry.call.hop.abort(reason);
  }

  #forget(id: string, { timer, watch }: Entry): void {
    this.#entries.delete(id);
    clearTimeout(timer);
    watch[Symbol.dispose]();
  }
}
