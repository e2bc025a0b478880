import { CodedError } from '#shared/errors.js';
import { allBusy, overLimit, type Limits } from '../config/limits.js';
import { Places } from './places.js';

export type CallBounds = Pick<Limits, 'callsPerPerson' | 'callsPerServer' | 'callSeconds'>;

/** A sign-in, and whose it is. */
export interface CallingSession {
  readonly id: string;
  readonly person: { readonly id: string };
}

/** A call under way. `signal` ends it, with the coded reason. */
export interface CallInFlight {
  readonly signal: AbortSignal;
  /** Takes a place at the server, for as long as the call lives. Throws `rate_limited`. */
  enter(server: string): void;
  readonly lasting: boolean;
  /** It is a stream without an end of its own: no time is set for it, and a stop does not wait for it. */
  lasts(): void;
  abort(reason: CodedError): void;
  end(): void;
}

interface Entry extends CallInFlight {
  readonly request: string | undefined;
  lasting: boolean;
}

/** Every call under way: bounded, and within reach of cancellation, the end of a sign-in and shutdown. */
export class CallsInFlight {
  readonly #sessions = new Map<string, Set<Entry>>();
  readonly #persons: Places;
  readonly #servers: Places;
  #closing: (() => void) | undefined;
  #closed = false;

  constructor(private readonly bounds: CallBounds) {
    const { callsPerPerson, callsPerServer } = bounds;
    this.#persons = new Places(callsPerPerson, () =>
      overLimit(
        'rate_limited',
        'callsPerPerson',
        `You have ${callsPerPerson} calls or streams under way, which is the limit`,
        'Try again when one has ended.',
      ),
    );
    const busy = `The MCP server has ${callsPerServer} calls under way`;
    this.#servers = new Places(callsPerServer, () => allBusy('callsPerServer', busy));
  }

  /** Throws `rate_limited` and `shutting_down`. `request` names the call for `cancel`. */
  begin({ id: session, person }: CallingSession, request?: string): CallInFlight {
    if (this.#closed) throw new CodedError('shutting_down');
    this.#persons.enter(person.id);
    const calls = this.#sessions.get(session) ?? new Set();
    const entry = this.#entry(request, (ended, server) => {
      if (calls.has(ended)) this.#persons.leave(person.id);
      this.#end(session, ended, server);
    });
    calls.add(entry);
    this.#sessions.set(session, calls);
    return entry;
  }

  /** Calls and streams under way now. */
  get counts(): { readonly calls: number; readonly streams: number } {
    const counts = { calls: 0, streams: 0 };
    for (const entries of this.#sessions.values()) {
      for (const { lasting } of entries) counts[lasting ? 'streams' : 'calls'] += 1;
    }
    return counts;
  }

  cancel(session: string, request: string): void {
    for (const entry of this.#sessions.get(session) ?? []) {
      if (entry.request === request) entry.abort(new CodedError('interrupted'));
    }
  }

  endSession(session: string): void {
    for (const entry of this.#sessions.get(session) ?? []) entry.abort(new CodedError('session_ended'));
  }

  /** Refuses new calls, ends streams, waits for the calls under way, and aborts what is left after `grace` milliseconds. */
  async close(grace: number): Promise<void> {
    this.#closed = true;
    this.#abortWhere(({ lasting }) => lasting);
    await this.#emptyWithin(grace);
    this.#abortWhere(() => true);
    await this.#emptyWithin(1_000);
  }

  #abortWhere(matches: (entry: Entry) => boolean): void {
    for (const calls of this.#sessions.values()) {
      for (const entry of calls) if (matches(entry)) entry.abort(new CodedError('shutting_down'));
    }
  }

  #emptyWithin(milliseconds: number): Promise<void> {
    if (this.#sessions.size === 0) return Promise.resolve();
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#closing = resolve;
    const timer = setTimeout(resolve, milliseconds);
    return promise.finally(() => clearTimeout(timer));
  }

  #entry(request: string | undefined, ended: (entry: Entry, server: string | undefined) => void): Entry {
    const controller = new AbortController();
    const abort = (reason: CodedError): void => controller.abort(reason);
    const { callSeconds } = this.bounds;
    const timer = setTimeout(() => abort(tooLong(callSeconds)), callSeconds * 1_000);
    let entered: string | undefined;
    const entry: Entry = {
      request,
      signal: controller.signal,
      abort,
      lasting: false,
      lasts: () => {
        clearTimeout(timer);
        entry.lasting = true;
        if (this.#closed) abort(new CodedError('shutting_down'));
      },
      enter: (server) => {
        this.#servers.enter(server);
        entered = server;
      },
      end: () => {
        clearTimeout(timer);
        ended(entry, entered);
        entered = undefined;
      },
    };
    return entry;
  }

  #end(session: string, entry: Entry, server?: string): void {
    const calls = this.#sessions.get(session);
    calls?.delete(entry);
    if (calls?.size === 0) this.#sessions.delete(session);
    if (server !== undefined) this.#servers.leave(server);
    if (this.#sessions.size === 0) this.#closing?.();
  }
}

function tooLong(seconds: number): CodedError {
  const todo = 'It is not known whether it took effect.';
  return overLimit('upstream_timeout', 'callSeconds', `The call took longer than ${seconds} s`, todo);
}
