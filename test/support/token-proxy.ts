import { once } from 'node:events';
import { createServer, request as sendOn, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pipeline } from 'node:stream/promises';
import { FreshSignIn } from './fresh-sign-in.js';
import { credentials } from './http.js';
import type { SignedIn } from './person.js';

const MCP_PATH = /^\/mcp(\/|$)/;

/**
 * Stands at the public address of the control plane, for clients that can't sign in: it adds a person's token and a
 * proof to MCP requests that have none. Everything else passes as it is, the Host header included, both ways, as it
 * comes.
 */
export class TokenProxy {
  readonly port: number;
  readonly #server: Server;
  #listen: string | undefined;
  #signIn: FreshSignIn | undefined;

  private constructor(server: Server, port: number) {
    this.#server = server;
    this.port = port;
    server.on('request', (request, response) => {
      this.#forward(request, response).catch(() => response.destroy());
    });
  }

  static async listen(): Promise<TokenProxy> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new TokenProxy(server, (server.address() as AddressInfo).port);
  }

  /** Where requests go: `HOST:PORT`. */
  forwardTo(listen: string): void {
    this.#listen = listen;
  }

  /** Whose requests they are from now on; nobody's until then. */
  actAs(person: SignedIn): void {
    this.#signIn = new FreshSignIn(person);
  }

  async close(): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, 'close');
  }

  async #forward(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = 'GET', url = '/' } = request;
    const needs = MCP_PATH.test(url) && request.headers.authorization === undefined;
    const signIn = needs ? await this.#signIn?.get() : undefined;
    const added = signIn && Object.entries(await credentials(signIn, method, `${this.#publicUrl}${url}`)).flat();
    const outgoing = sendOn(`http://${this.#listen}${url}`, {
      method,
      headers: [...request.rawHeaders, ...(added ?? [])],
      setHost: false,
    });
    response.once('close', () => outgoing.destroy());
    outgoing.once('error', () => response.destroy());
    request.pipe(outgoing);
    const [answer] = (await once(outgoing, 'response')) as [IncomingMessage];
    response.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
    response.flushHeaders();
    await pipeline(answer, response);
  }

  get #publicUrl(): string {
    return `http://127.0.0.1:${this.port}`;
  }
}
