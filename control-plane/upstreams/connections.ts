import { Pool } from 'undici';
import { asCoded, CodedError, errorText } from '#shared/errors.js';
import { guardedConnector } from '../egress/guarded-connector.js';
import type { ReachableAddresses } from '../egress/reachable-addresses.js';
import { Exchange } from './exchange.js';
import type { UpstreamLimits } from './limits.js';
import { signatureOf, type RequestSigner } from './request-signer.js';

export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly url: string;
  /** Added to the URL's query; may hold a credential, so the joined address is never logged. */
  readonly query: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;
  /** Empty for a request without one. */
  readonly body: string;
  /** Signs this one request; a request that is sent again is signed anew. */
  readonly sign?: RequestSigner | undefined;
  /** Longest silence in milliseconds, where it is not the default; 0 for none. */
  readonly idle?: number;
  /** The answer stays open for as long as the session: it must not take a connection from the others. */
  readonly stream?: boolean;
}

/**
 * Bounded pools of connections per origin, to checked addresses: one for exchanges, one for streams. Redirects are not followed and nothing is sent twice.
 */
export class Connections {
  readonly #pools = new Map<string, Pool>();
  readonly #leaving = new Set<Pool>();

  constructor(
    private readonly limits: UpstreamLimits,
    private readonly addresses: ReachableAddresses,
  ) {}

  send(request: HttpRequest, signal: AbortSignal): Exchange {
    const { firstByte, idle } = this.limits;
    const times = { firstByte: request.idle ?? firstByte, idle: request.idle ?? idle };
    const exchange = new Exchange(times, request.url);
    if (signal.aborted) {
      exchange.abort(abortReason(signal));
      return exchange;
    }
    const onAbort = (): void => exchange.abort(abortReason(signal));
    signal.addEventListener('abort', onAbort, { once: true });
    if (request.sign === undefined) this.#dispatch(request, request.headers, exchange);
    else void this.#dispatchSigned(request, request.sign, exchange);
    return exchange;
  }

  /** Nothing has left while a request is being signed: one that ends or fails meanwhile never does. */
  async #dispatchSigned(request: HttpRequest, sign: RequestSigner, exchange: Exchange): Promise<void> {
    try {
      const { method, headers, body } = request;
      const outgoing = { method, url: addressOf(request).href, headers, body };
      const signature = await signatureOf(outgoing, sign, this.limits.question);
      if (!exchange.failed) this.#dispatch(request, { ...headers, ...signature }, exchange);
    } catch (error) {
      exchange.abort(asCoded(error));
    }
  }

  #dispatch(request: HttpRequest, headers: HttpRequest['headers'], exchange: Exchange): void {
    const { firstByte, idle } = this.limits;
    const url = addressOf(request);
    try {
      this.#pool(url.origin, request.stream).dispatch(
        {
          method: request.method,
          path: `${url.pathname}${url.search}`,
          headers: { ...headers, 'accept-encoding': 'identity' },
          body: request.body === '' ? null : request.body,
          headersTimeout: request.idle ?? firstByte,
          bodyTimeout: request.idle ?? idle,
        },
        exchange,
      );
    } catch (error) {
      exchange.abort(new CodedError('upstream_unreachable', { detail: errorText(error) }));
    }
  }

  /** Closes the pools of other origins as soon as nothing is under way there. */
  keep(origins: readonly string[]): void {
    const kept = new Set(origins.flatMap((origin) => [keyOf(origin, false), keyOf(origin, true)]));
    for (const [key, pool] of this.#pools) {
      if (kept.has(key)) continue;
      this.#pools.delete(key);
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

  #pool(origin: string, stream = false): Pool {
    const key = keyOf(origin, stream);
    const known = this.#pools.get(key);
    if (known) return known;
    const { connect: timeout, connectionsPerOrigin, streamsPerOrigin } = this.limits;
    const connections = stream ? streamsPerOrigin : connectionsPerOrigin;
    const permits = (address: string): boolean => this.addresses.permits(address);
    const pool = new Pool(origin, { connections, connect: guardedConnector({ permits, timeout }) });
    this.#pools.set(key, pool);
    return pool;
  }
}

function addressOf({ url, query }: HttpRequest): URL {
  const address = new URL(url);
  for (const [name, value] of Object.entries(query)) address.searchParams.set(name, value);
  return address;
}

function keyOf(origin: string, stream: boolean): string {
  return stream ? `${origin} streams` : origin;
}

function abortReason(signal: AbortSignal): Error {
  return signal.reason instanceof Error ? signal.reason : new CodedError('interrupted');
}
