import { asCoded, CodedError } from '#shared/errors.js';
import type { JsonObject, RequestId } from '#shared/mcp/json-rpc.js';
import { overLimit, type Limits } from '../../config/limits.js';
import { Places } from '../places.js';
import type { Relay } from '../relay/relay.js';
import type { UpstreamHop } from '../call/upstream-hop.js';
import type { Identifier } from '../call/identify.js';
import type { StateBinding } from './request-state.js';
import { INPUT_WAIT } from './client-requests.js';

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

type ParkingBounds = Pick<Limits, 'parkedPerPerson' | 'parkedPerServer' | 'parkedCalls'>;

interface Entry {
  readonly binding: StateBinding;
  readonly call: ParkedCall;
  readonly held: Disposable;
}

/**
 * Parked calls of this process, by the id that stands in their sealed state. Each is taken once, or ends with its time.
 * They have places of their own, because they keep connections and memory while they wait.
 */
export class ParkedCalls {
  readonly #entries = new Map<string, Entry>();
  readonly #persons: Places;
  readonly #servers: Places;
  readonly #all: Places;

  constructor(
    private readonly identity: Pick<Identifier, 'watch'>,
    { parkedPerPerson, parkedPerServer, parkedCalls }: ParkingBounds,
  ) {
    this.#persons = new Places(parkedPerPerson, () => full('parkedPerPerson', `You have ${parkedPerPerson}`));
    this.#servers = new Places(parkedPerServer, () => full('parkedPerServer', `The MCP server has ${parkedPerServer}`));
    this.#all = new Places(parkedCalls, () => full('parkedCalls', `The control plane has ${parkedCalls}`));
  }

  /** Throws `rate_limited`, and the call has ended. */
  park(person: string, binding: StateBinding, id: string, call: ParkedCall): void {
    const { session, server } = binding;
    const held = this.#places(person, server, call);
    const timer = setTimeout(() => this.#drop(id, new CodedError('interrupted')), INPUT_WAIT);
    timer.unref();
    held.defer(() => clearTimeout(timer));
    held.use(this.identity.watch(session, (reason) => this.#drop(id, reason)));
    this.#entries.set(id, { binding, call, held });
  }

  #places(person: string, server: string, { hop }: ParkedCall): DisposableStack {
    using places = new DisposableStack();
    try {
      places.use(this.#persons.take(person));
      places.use(this.#servers.take(server));
      places.use(this.#all.take(''));
      return places.move();
    } catch (error) {
      hop.abort(asCoded(error));
      throw error;
    }
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

  #forget(id: string, { held }: Entry): void {
    this.#entries.delete(id);
    held[Symbol.dispose]();
  }
}

function full(key: keyof ParkingBounds, who: string): CodedError {
  const todo = 'This one was cancelled, and it is not known whether it took effect. Answer one of the others first.';
  return overLimit('rate_limited', key, `${who} calls that wait for an answer of a person, which is the limit`, todo);
}
