import { once } from 'node:events';
import { createServer, request as sendOn, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pipeline } from 'node:stream/promises';
import { PATHS } from '#shared/api/paths.js';

/** How far a refresh gets that is caught: not to a control plane, into one, or to its answer. Its client never hears of it. */
export type Moment = 'not sent' | 'under way' | 'answered';

interface Trap {
  readonly moment: Moment;
  readonly caught: PromiseWithResolvers<void>;
}

/** Stands at the public address in front of one or more control planes, takes them in turn, and can catch a refresh. */
export class RefreshGate implements AsyncDisposable {
  readonly #server: Server;
  readonly #counts = new Map<string, number>();
  #targets: readonly string[] = [];
  #turn = 0;
  #trap: Trap | undefined;
  #refusals: { left: number; readonly all: PromiseWithResolvers<void> } | undefined;

  private constructor(server: Server) {
    this.#server = server;
    server.on('request', (request, response) => {
      this.#forward(request, response).catch(() => response.destroy());
    });
  }

  static async listen(): Promise<RefreshGate> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new RefreshGate(server);
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Where requests go, each a `HOST:PORT`. */
  forwardTo(...targets: readonly string[]): void {
    this.#targets = targets;
  }

  /** How many requests came for this path. */
  count(path: string): number {
    return this.#counts.get(path) ?? 0;
  }

  /**
   * Holds the next token request, a refresh or the exchange of a code, until so many requests, from now on, were answered
   * with 401, then lets it come as far as `moment` and no further. Resolves when it is there.
   */
  catchRefresh(moment: Moment, refusals: number): Promise<void> {
    this.#refusals = { left: refusals, all: Promise.withResolvers() };
    if (refusals === 0) this.#refusals.all.resolve();
    this.#trap = { moment, caught: Promise.withResolvers() };
    return this.#trap.caught.promise;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, 'close');
  }

  async #forward(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url?.split('?')[0] ?? '';
    this.#counts.set(path, this.count(path) + 1);
    if (path === PATHS.token && this.#trap) return this.#hold(this.#trap, request);
    const outgoing = this.#send(request);
    response.once('close', () => outgoing.destroy());
    const [answer] = (await once(outgoing, 'response')) as [IncomingMessage];
    response.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
    response.flushHeaders();
    await pipeline(answer, response);
    if (answer.statusCode === 401) this.#countRefusal();
  }

  async #hold({ moment, caught }: Trap, request: IncomingMessage): Promise<void> {
    this.#trap = undefined;
    await this.#refusals?.all.promise;
    if (moment === 'under way') await once(this.#send(request), 'finish');
    if (moment === 'answered') await once(this.#send(request), 'response');
    caught.resolve();
  }

  #send(request: IncomingMessage) {
    const target = this.#targets[this.#turn++ % this.#targets.length];
    const { method = 'GET', url = '/', rawHeaders } = request;
    return request.pipe(sendOn(`http://${target}${url}`, { method, headers: rawHeaders, setHost: false }));
  }

  #countRefusal(): void {
    if (!this.#refusals) return;
    this.#refusals.left -= 1;
    if (this.#refusals.left <= 0) this.#refusals.all.resolve();
  }
}
