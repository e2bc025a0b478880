import { asCoded, type ErrorCode } from '#shared/errors.js';
import type { Era } from '#shared/mcp/meta.js';

/** What the last exchanges with a server say of it. Times are epoch milliseconds. */
export interface Health {
  readonly era?: Era;
  readonly answeredAt?: number;
  readonly failure?: { readonly at: number; readonly code: ErrorCode };
}

/** Errors that are the server's own; all others say nothing of it. */
const ITS_OWN = new Set<ErrorCode>([
  'upstream_unreachable',
  'upstream_refused',
  'upstream_invalid',
  'upstream_timeout',
  'outcome_unknown',
]);

/** How each server, for which its settings stand, did when it was last spoken to, by whoever it was. */
export class ServerHealth {
  readonly #servers = new WeakMap<object, Health>();

  constructor(private readonly now: () => number = Date.now) {}

  of(server: object): Health {
    return this.#servers.get(server) ?? {};
  }

  /** Awaits a step that speaks with a configured server, and remembers how it went. */
  async watch<T>(
    server: object,
    step: Promise<T>,
    eraOf: (answer: T) => Era | undefined = () => undefined,
  ): Promise<T> {
    try {
      const answer = await step;
      const era = eraOf(answer) ?? this.of(server).era;
      this.#servers.set(server, { ...this.of(server), ...(era ? { era } : {}), answeredAt: this.now() });
      return answer;
    } catch (error) {
      const { code } = asCoded(error);
      if (ITS_OWN.has(code)) this.#servers.set(server, { ...this.of(server), failure: { at: this.now(), code } });
      throw error;
    }
  }
}
