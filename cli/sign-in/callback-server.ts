import { randomBytes, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CodedError } from '#shared/errors.js';
import { PAGE_HEADERS, resultPage, type SignInResult } from './callback-pages.js';

/** How long the browser may take to fetch the last page, in ms. */
const LAST_PAGE = 1_500;

/** Checked every second, so that silent connections can't keep the browser out for long. Milliseconds. */
const LIMITS = { requestTimeout: 10_000, headersTimeout: 5_000, connectionsCheckingInterval: 1_000 };

export interface CallbackOptions {
  /** Milliseconds that the browser has to fetch the last page. */
  readonly lastPage?: number;
  /** The sign-in's address, where another process received its answer and was killed over it: the browser goes there again. */
  readonly again?: string;
}

export interface ExpectedAnswer {
  readonly state: string;
  /** Issuer that must have sent the answer (RFC 9207). */
  readonly issuer: string;
  /** Milliseconds that the person has. */
  readonly timeout: number;
}

/**
 * Receives one authorization response on loopback (RFC 8252 §7.3).
 * Answers with a wrong state are turned away without ending the sign-in: any web page can send them.
 */
export class CallbackServer {
  readonly #server: Server;
  readonly #resultPath = `/result/${randomBytes(16).toString('hex')}`;
  readonly #answer = Promise.withResolvers<URL>();
  readonly #result = Promise.withResolvers<SignInResult>();
  readonly #shown = Promise.withResolvers<void>();
  #expected: ExpectedAnswer | undefined;
  #answered = false;
  readonly #lastPage: number;
  readonly #again: string | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor({ lastPage = LAST_PAGE, again }: CallbackOptions = {}) {
    this.#lastPage = lastPage;
    this.#again = again;
    this.#server = createServer(LIMITS, (request, response) => {
      this.#handle(request, response);
    });
    this.#server.maxConnections = 20;
    this.#answer.promise.catch(() => undefined);
  }

  /** Binds a port of 127.0.0.1, a free one unless told; the redirect URI is known from here on. */
  async listen(port = 0): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#server.once('error', reject);
    this.#server.listen(port, '127.0.0.1', resolve);
    await promise;
  }

  get redirectUri(): string {
    return `${this.#origin}/callback`;
  }

  /** The whole callback URL, `state` and `iss` checked. Rejects with sign_in_expired | sign_in_failed. */
  receive(expected: ExpectedAnswer): Promise<URL> {
    this.#expected = expected;
    this.#timer = setTimeout(() => {
      this.#answer.reject(
        new CodedError('sign_in_expired', { message: 'Nobody completed the sign-in in time. Start again.' }),
      );
    }, expected.timeout);
    return this.#answer.promise;
  }

  /** Shows the result in the waiting browser, then stops listening. */
  async finish(result: SignInResult): Promise<void> {
    clearTimeout(this.#timer);
    this.#result.resolve(result);
    if (this.#answered) await Promise.race([this.#shown.promise, pause(this.#lastPage)]);
    this.#server.close();
    this.#server.closeAllConnections();
  }

  get #origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo | null)?.port ?? 0}`;
  }

  #handle(request: IncomingMessage, response: ServerResponse): void {
    const url = URL.parse(request.url ?? '', this.#origin);
    // Another Host means a name that someone pointed at this computer (DNS rebinding).
    if (!url || url.origin !== this.#origin || `http://${request.headers.host}` !== this.#origin) {
      refuse(response, 400, 'This address is not served here.');
    } else if (request.method !== 'GET') {
      refuse(response, 405, 'Only GET is served here.');
    } else if (url.pathname === '/callback') {
      this.#receiveAnswer(url, response);
    } else if (url.pathname === this.#resultPath && this.#answered) {
      void this.#showResult(response);
    } else if (url.pathname.startsWith('/result/') && this.#again !== undefined) {
      response.writeHead(302, { ...PAGE_HEADERS, location: this.#again }).end();
    } else {
      refuse(response, 404, 'There is nothing here.');
    }
  }

  #receiveAnswer(url: URL, response: ServerResponse): void {
    const expected = this.#expected;
    if (!expected || !sameText(url.searchParams.get('state') ?? '', expected.state)) {
      refuse(response, 400, 'This answer does not belong to the sign-in that is under way.');
      return;
    }
    if (this.#answered) {
      refuse(response, 410, 'This sign-in was already answered.');
      return;
    }
    this.#answered = true;
    clearTimeout(this.#timer);
    if (url.searchParams.get('iss') === expected.issuer) this.#answer.resolve(url);
    else this.#answer.reject(new CodedError('sign_in_failed', { message: 'The answer came from another server.' }));
    // The code leaves the address bar and the history before anything is shown.
    response.writeHead(302, { ...PAGE_HEADERS, location: this.#resultPath }).end();
  }

  async #showResult(response: ServerResponse): Promise<void> {
    const page = resultPage(await this.#result.promise);
    response.once('close', this.#shown.resolve);
    response.writeHead(200, PAGE_HEADERS).end(page);
  }
}

function refuse(response: ServerResponse, status: number, fault: string): void {
  response.writeHead(status, PAGE_HEADERS).end(resultPage({ fault }));
}

function sameText(given: string, expected: string): boolean {
  const [one, other] = [Buffer.from(given), Buffer.from(expected)];
  return one.length === other.length && timingSafeEqual(one, other);
}

function pause(milliseconds: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  setTimeout(resolve, milliseconds).unref();
  return promise;
}
