import type { Server } from 'node:http';
import type { Socket } from 'node:net';

/**
 * Connections on which nothing has arrived yet. Clients open some ahead of need; Node does not count them as idle, so
 * that a stop would wait for their first request.
 */
export class SilentConnections {
  readonly #open = new Set<Socket>();

  /** Knows the connections that are accepted from now on. */
  constructor(server: Server) {
    server.on('connection', (socket) => {
      this.#open.add(socket);
      socket.once('close', () => this.#open.delete(socket));
    });
  }

  close(): void {
    for (const socket of this.#open) if (socket.bytesRead === 0) socket.destroy();
  }
}
