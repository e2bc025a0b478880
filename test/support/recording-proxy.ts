import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

/** A TCP proxy in front of the control plane that keeps every byte between it and its clients, in both directions. */
export class RecordingProxy {
  readonly port: number;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #chunks: Buffer[] = [];
  #target: number | undefined;

  private constructor(server: Server, port: number) {
    this.#server = server;
    this.port = port;
    server.on('connection', (socket) => this.#join(socket));
  }

  static async listen(): Promise<RecordingProxy> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (!address || typeof address === 'string') throw new Error('The proxy has no port.');
    return new RecordingProxy(server, address.port);
  }

  /** Where connections go from now on: `HOST:PORT` on loopback. */
  forwardTo(listen: string): void {
    this.#target = Number(listen.split(':')[1]);
  }

  /** Everything that went through. */
  recorded(): Buffer {
    return Buffer.concat(this.#chunks);
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #join(client: Socket): void {
    if (this.#target === undefined) {
      client.destroy();
      return;
    }
    const server = connect(this.#target, '127.0.0.1');
    this.#record(client, server);
    this.#record(server, client);
  }

  #record(from: Socket, to: Socket): void {
    this.#sockets.add(from);
    from.on('data', (chunk: Buffer) => {
      this.#chunks.push(chunk);
      to.write(chunk);
    });
    from.on('end', () => to.end());
    from.on('error', () => to.destroy());
    from.on('close', () => {
      this.#sockets.delete(from);
      to.destroy();
    });
  }
}
