import { Agent, request as send, type buildConnector } from 'undici';
import { guardedConnector, type Resolve } from './guarded-connector.js';
import { ReachableAddresses } from './reachable-addresses.js';

const CONNECT_MS = 5_000;
/** From the first byte out to the last one in. */
const TOTAL_MS = 10_000;
const MOST_BYTES = 1024 * 1024;

export interface FetchSurroundings {
  /** Of the settings, in CIDR form. */
  readonly privateNetworks: readonly string[];
  /** Certificates of authorities, PEM, instead of the usual ones. */
  readonly ca?: string;
  readonly resolve?: Resolve;
}

/** Of addresses: only public ones, or those of `privateNetworks` too. Of an answer: where its writer is. */
export type Reach = 'public' | 'private';

interface FetchOptions {
  readonly method?: string;
  readonly headers?: NonNullable<RequestInit['headers']>;
  readonly body?: RequestInit['body'] | undefined;
  readonly signal?: RequestInit['signal'] | undefined;
  /** `public` for an address that somebody on the internet has named. Not set: `private`. */
  readonly reach?: Reach;
}

interface GuardedAnswer extends Response {
  /** `private` where it came from an address of `privateNetworks`: by the connection, whatever the name says by now. */
  readonly from: Reach;
}

/** Of the form of `fetch`, for `customFetch` of openid-client and jose. */
export type GuardedFetch = (url: string | URL, options?: FetchOptions) => Promise<GuardedAnswer>;

/**
 * Asks authorization servers of MCP servers, whose addresses others may have written: https, and http only within
 * `privateNetworks`; no other private address; no redirect is followed, no proxy used; 10 s and 1 MiB at most.
 * Rejects with AddressRefused for an address, else with what went wrong on the way; what it says is for the log only.
 */
export function guardedFetch({ privateNetworks, ca, resolve }: FetchSurroundings): GuardedFetch {
  const company = new ReachableAddresses(privateNetworks);
  const connectorOf = (addresses: ReachableAddresses): buildConnector.connector => {
    const permits = (address: string, protocol: string): boolean =>
      protocol === 'https:' ? addresses.permits(address) : addresses.isWrittenDown(address);
    return guardedConnector({ permits, timeout: CONNECT_MS, ca, resolve });
  };
  const connectors = { private: connectorOf(company), public: connectorOf(new ReachableAddresses([])) };
  return async (url, { reach = 'private', ...options } = {}) => {
    const request = new Request(url, { ...options, body: options.body ?? null, signal: options.signal ?? null });
    let from: Reach = 'public';
    const connect: buildConnector.connector = (to, done) =>
      connectors[reach](to, (...made) => {
        from = company.isWrittenDown(made[1]?.remoteAddress ?? '') ? 'private' : 'public';
        done(...made);
      });
    // An answer of a connection of its own, so that it is known where it came from.
    const dispatcher = new Agent({ connect, pipelining: 0 });
    try {
      const { statusCode, headers, body } = await send(request.url, {
        dispatcher,
        method: request.method as 'GET' | 'POST',
        headers: { ...Object.fromEntries(request.headers), 'accept-encoding': 'identity' },
        body: request.body === null ? null : Buffer.from(await request.arrayBuffer()),
        signal: AbortSignal.any([request.signal, AbortSignal.timeout(TOTAL_MS)]),
      });
      // What is left unread fails behind our back, and nobody else would hear it.
      body.on('error', () => undefined);
      const bytes = await bounded(body);
      const init = { status: statusCode, headers: headersOf(headers) };
      return Object.assign(new Response(bytes.length === 0 ? null : bytes, init), { from });
    } finally {
      void dispatcher.destroy();
    }
  };
}

async function bounded(body: AsyncIterable<Buffer>): Promise<Buffer<ArrayBuffer>> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of body) {
    length += chunk.length;
    if (length > MOST_BYTES) throw new Error(`the answer has more than ${MOST_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function headersOf(raw: Readonly<Record<string, string | string[] | undefined>>): Headers {
  const headers = new Headers();
  for (const [name, values] of Object.entries(raw)) {
    for (const value of [values ?? []].flat()) headers.append(name, value);
  }
  return headers;
}
