import { Agent, request } from 'undici';
import { errorText } from '#shared/errors.js';
import { guardedConnector, type Resolve } from '../../egress/guarded-connector.js';
import { isPublicAddress } from '../../egress/public-address.js';

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

/**
 * Reads what an https address publishes, without being led astray (SSRF): the name is resolved once, every address it
 * has must be public, and the connection goes to one of these. No redirects, one try, a bound on bytes and time.
 */
export class DocumentFetch {
  readonly #agent: Agent;

  constructor(private readonly rules: FetchRules) {
    const { permits = isPublicAddress, ca, resolve } = rules;
    const connect = guardedConnector({ permits: (address) => permits(address), timeout: TIMEOUT, ca, resolve });
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

/** RFC 9111 §5.2.2.1, as far as it matters here. */
function maxAge(cacheControl: string | string[] | undefined): number {
  const seconds = /(?:^|[\s,])max-age\s*=\s*(\d{1,9})/i.exec(String(cacheControl ?? ''))?.[1];
  return Math.min(MOST_AGE, Math.max(LEAST_AGE, Number(seconds ?? 0)));
}
