import { once } from 'node:events';
import type { RequestListener } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { selfSigned } from './self-signed.js';

/** An https server on loopback for the name `localhost`, whose certificate only who has `ca` believes. */
export class TlsServer implements AsyncDisposable {
  /** Requests so far. */
  requests = 0;
  answer: RequestListener = (_request, response) => void response.writeHead(404).end();

  private constructor(
    readonly ca: string,
    readonly origin: string,
    private readonly server: Server,
  ) {}

  static async start(): Promise<TlsServer> {
    const { certificate, key } = selfSigned('DNS:localhost');
    const server = createServer({ cert: certificate, key });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const started = new TlsServer(certificate, `https://localhost:${port}`, server);
    server.on('request', (request, response) => {
      started.requests += 1;
      started.answer(request, response);
    });
    return started;
  }

  get host(): string {
    return new URL(this.origin).host;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.server.close();
    this.server.closeAllConnections();
    await once(this.server, 'close');
  }
}
