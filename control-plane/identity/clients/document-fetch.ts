import { lookup as resolve, type LookupAddress } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { Agent, request } from 'undici';
import { errorText } from '#shared/errors.js';
import { isPublicAddress } from './public-address.js';

/** Milliseconds from the first byte out to the last one in. */
const TIMEOUT = 2_500;
/** Seconds that a document is kept: at least, also against its own headers, and at most. */
const LEAST_AGE = 60;
const MOST_AGE = 86_400;

export interface FetchedDocument {
  readonly text: string;
  /** Seconds. */
  readonly maxAge: number;
}

/** `isOutage`: nothing was learned about the document, so an older copy of it is still as good as it was. */
export class DocumentUnavailable extends Error {
  constructor(
    message: string,
    readonly isOutage: boolean,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'DocumentUnavailable';
  }
}

export interface FetchRules {
  readonly maxBytes: number;
  /** Which addresses may be connected to. */
  readonly permits?: (address: string) => boolean;
  /** Certificates of authorities, PEM, instead of the usual ones. */
  readonly ca?: string;
  readonly resolve?: Resolve;
}

type Resolve = (
  name: string,
  options: { readonly all: true },
  done: (error: Error | null, found: LookupAddress[]) => void,
) => void;

/**
 * Reads what an https address publishes, without being led astray (SSRF): the name is resolved once, every address it
 * has must be public, and the connection goes to one of these. No redirects, one try, a bound on bytes and time.
 */
export class DocumentFetch {
  readonly #agent: Agent;

  constructor(private readonly rules: FetchRules) {
    const { permits = isPublicAddress, ca } = rules;
    const connect = { lookup: guarded(rules.resolve ?? resolve, permits), timeout: TIMEOUT, ...(ca ? { ca } : {}) };
    // 0: no connection outlives its answer.
    this.#agent = new Agent({ connect, pipelining: 0 });
  }

  /** Throws DocumentUnavailable, whose message is for the log only. */
  async read(url: string): Promise<FetchedDocument> {
    try {
      const { statusCode, headers, body } = await request(url, {
        dispatcher: this.#agent,
        headers: { accept: 'application/json' },
        signal: AbortSignal.timeout(TIMEOUT),
      });
      // What is left unread fails behind our back, and nobody else would hear it.
      body.on('error', () => undefined);
      if (statusCode !== 200) {
        body.destroy();
        throw new DocumentUnavailable(`it was answered with status ${statusCode}`, statusCode >= 500);
      }
      return { text: await this.#bounded(body), maxAge: maxAge(headers['cache-control']) };
    } catch (error) {
      if (error instanceof DocumentUnavailable) throw error;
      throw new DocumentUnavailable(errorText(error), true, { cause: error });
    }
  }

  async #bounded(body: AsyncIterable<Buffer>): Promise<string> {
    const chunks: Buffer[] = [];
    let length = 0;
    for await (const chunk of body) {
      length += chunk.length;
      if (length > this.rules.maxBytes) throw new DocumentUnavailable(`more than ${this.rules.maxBytes} bytes`, false);
      chunks.push(chunk);
    }
    return Buffer.concat(chunks).toString();
  }
}

function guarded(find: Resolve, permits: (address: string) => boolean): LookupFunction {
  return (name, { all }, done) => {
    find(name, { all: true }, (error, found) => {
      const [first] = found ?? [];
      if (error || first === undefined) return done(error ?? new Error(`${name} has no address`), '');
      const stray = found.find(({ address }) => !permits(address));
      if (stray) return done(new Error(`${name} is at ${stray.address}, which is not public`), '');
      if (all === true) done(null, found);
      else done(null, first.address, first.family);
    });
  };
}

/** RFC 9111 §5.2.2.1, as far as it matters here. */
function maxAge(cacheControl: string | string[] | undefined): number {
  const seconds = /(?:^|[\s,])max-age\s*=\s*(\d{1,9})/i.exec(String(cacheControl ?? ''))?.[1];
  return Math.min(MOST_AGE, Math.max(LEAST_AGE, Number(seconds ?? 0)));
}
