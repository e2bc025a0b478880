import { CodedError } from '#shared/errors.js';

/** Bounds of what runs at once; times in milliseconds. */
export interface CallBounds {
  readonly perSession: number;
  readonly perServer: number;
  /** Longest life of one call. */
  readonly total: number;
}

const DEFAULT_BOUNDS: CallBounds = { perSession: 32, perServer: 256, total: 10 * 60_000 };

/** A call under way. `signal` ends it, with the coded reason. */
export interface CallInFlight {
  readonly signal: AbortSignal;
  /** Takes a place at the server, for as long as the call lives. Throws `rate_limited`. */
  enter(server: string): void;
  abort(reason: CodedError): void;
  end(): void;
}

interface Entry extends CallInFlight {
  readonly request: string | undefined;
}

/** Every call under way: bounded, and within reach of cancellation, the end of a sign-in and shutdown. */
export class CallsInFlight {
  readonly #sessions = new Map<string, Set<Entry>>();
  readonly #servers = new Map<string, number>();
  #closing: (() => void) | undefined;
  #closed = false;

  constructor(private readonly bounds: CallBounds = DEFAULT_BOUNDS) {}

  /** Throws `rate_limited` and `shutting_down`. `request` names the call for `cancel`. */
  begin(session: string, request?: string): CallInFlight {
    if (this.#closed) throw new CodedError('shutting_down');
    const calls = this.#sessions.get(session) ?? new Set();
    if (calls.size >= this.bounds.perSession) throw new CodedError('rate_limited');
    const entry = this.#entry(request, (ended, server) => this.#end(session, ended, server));
    calls.add(entry);
    this.#sessions.set(session, calls);
    return entry;
  }

  cancel(session: string, request: string): void {
    for (const entry of this.#sessions.get(session) ?? []) {
      if (entry.request === request) entry.abort(new CodedError('interrupted'));
    }
  }

  endSession(session: string): void {
    for (const entry of this.#sessions.get(session) ?? []) entry.abort(new CodedError('session_ended'));
  }

  /** Refuses new calls, waits for those under way, and aborts what is left after `grace` milliseconds. */
  async close(grace: number): Promise<void> {
    this.#closed = true;
    await this.#emptyWithin(grace);
    for (const calls of this.#sessions.values()) {
      for (const entry of calls) entry.abort(new CodedError('shutting_down'));
    }
    await this.#emptyWithin(1_000);
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
    const timer = setTimeout(() => abort(new CodedError('upstream_timeout')), this.bounds.total);
    let entered: string | undefined;
    const entry: Entry = {
      request,
      signal: controller.signal,
      abort,
      enter: (server) => {
        const calls = this.#servers.get(server) ?? 0;
        if (calls >= this.bounds.perServer) throw new CodedError('rate_limited');
        this.#servers.set(server, calls + 1);
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
    if (server !== undefined) this.#leave(server);
    if (this.#sessions.size === 0) this.#closing?.();
  }

  #leave(server: string): void {
    const calls = (this.#servers.get(server) ?? 1) - 1;
    if (calls === 0) this.#servers.delete(server);
    else this.#servers.set(server, calls);
  }
}
