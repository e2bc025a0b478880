import { once } from 'node:events';
import { createServer, request as sendOn, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';

/** An address that a configuration can name before the server is there: `PUT` with a URL says where requests go. */
export class UpstreamSwitch {
  #target: URL | undefined;
  readonly #server = createServer((request, response) => {
    this.#serve(request, response).catch(() => response.destroy());
  });

  /** Resolves with the address. */
  async listen(): Promise<string> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/mcp`;
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method === 'PUT') {
      this.#target = new URL(await text(request));
      response.writeHead(204).end();
    } else if (this.#target === undefined) response.writeHead(503).end();
    else await forward(this.#target, request, response);
  }
}

async function forward(target: URL, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { method = 'GET', headers } = request;
  const outgoing = sendOn(target, { method, headers: { ...headers, host: target.host } });
  response.once('close', () => outgoing.destroy());
  outgoing.once('error', () => response.destroy());
  request.pipe(outgoing);
  const [answer] = (await once(outgoing, 'response')) as [IncomingMessage];
  response.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
  response.flushHeaders();
  await pipeline(answer, response);
}
