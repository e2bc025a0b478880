import { Pool } from 'undici';
import { CodedError, errorText } from '#shared/errors.js';
import { Exchange } from './exchange.js';
import type { UpstreamLimits } from './limits.js';

export interface HttpRequest {
  readonly method: 'POST' | 'DELETE';
  readonly url: string;
  /** Added to the URL's query; may hold a credential, so the joined address is never logged. */
  readonly query: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Longest silence in milliseconds, where it is not the default. */
  readonly idle?: number;
}

/** One bounded pool of connections per origin. Redirects are not followed and nothing is sent twice. */
export class Connections {
  readonly #pools = new Map<string, Pool>();
  readonly #leaving = new Set<Pool>();

  constructor(private readonly limits: UpstreamLimits) {}

  send(request: HttpRequest, signal: AbortSignal): Exchange {
    const exchange = new Exchange();
    if (signal.aborted) {
      exchange.abort(abortReason(signal));
      return exchange;
    }
    const onAbort = (): void => exchange.abort(abortReason(signal));
    signal.addEventListener('abort', onAbort, { once: true });
    const url = new URL(request.url);
    for (const [name, value] of Object.entries(request.query)) url.searchParams.set(name, value);
    const idle = request.idle ?? this.limits.idle;
    try {
      this.#pool(url.origin).dispatch(
        {
          method: request.method,
          path: `${url.pathname}${url.search}`,
          headers: { ...request.headers, 'accept-encoding': 'identity' },
          body: request.body,
          headersTimeout: idle,
          bodyTimeout: idle,
        },
        exchange,
      );
    } catch (error) {
      exchange.abort(new CodedError('upstream_unreachable', { detail: errorText(error) }));
    }
    return exchange;
  }

  /** Closes the pools of other origins as soon as nothing is under way there. */
  keep(origins: readonly string[]): void {
    for (const [origin, pool] of this.#pools) {
      if (origins.includes(origin)) continue;
      this.#pools.delete(origin);
      this.#leaving.add(pool);
      const gone = (): boolean => this.#leaving.delete(pool);
      pool.close().then(gone, gone);
    }
  }

  async close(): Promise<void> {
    const pools = [...this.#pools.values(), ...this.#leaving];
    this.#pools.clear();
    await Promise.all(pools.map((pool) => pool.destroy()));
  }

  #pool(origin: string): Pool {
    const known = this.#pools.get(origin);
    if (known) return known;
    const { connect, connectionsPerOrigin } = this.limits;
    const pool = new Pool(origin, { connections: connectionsPerOrigin, connect: { timeout: connect }, allowH2: false });
    this.#pools.set(origin, pool);
    return pool;
  }
}

function abortReason(signal: AbortSignal): Error {
  return signal.reason instanceof Error ? signal.reason : new CodedError('interrupted');
}
