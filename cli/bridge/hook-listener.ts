import { randomBytes } from 'node:crypto';
import { createServer, type Server, type Socket } from 'node:net';
import { errorText } from '#shared/errors.js';
import { readReport, type HookReport } from '../agent-hooks/hook-report.js';
import { hookSocket, prepareFolder, publish, withdraw, type HookSocket } from '../agent-hooks/hook-sockets.js';
import type { BridgeLog } from './log.js';

const MAX_REPORT = 16 * 1024;
const MAX_CONNECTIONS = 32;
/** Milliseconds that a hook may take. */
const SILENCE = 1_000;

/** Listens for the hooks of this person's apps. A bridge without it serves all the same. */
export class HookListener {
  #server: Server | undefined;
  #socket: HookSocket | undefined;

  constructor(
    private readonly take: (report: HookReport) => void,
    private readonly log: BridgeLog,
  ) {}

  open(stateFolder: string, platform: NodeJS.Platform): void {
    const socket = hookSocket(stateFolder, randomBytes(16).toString('hex'), platform);
    if (socket === undefined)
      return this.log.warn('hooks are not heard', { because: 'the state folder’s path is too long' });
    try {
      prepareFolder(stateFolder);
    } catch (error) {
      return this.#failed(error);
    }
    const server = createServer({ allowHalfOpen: true }, (connection) => this.#serve(connection));
    server.maxConnections = MAX_CONNECTIONS;
    server.on('error', (error) => this.#failed(error));
    server.listen(socket.address, () => this.#listening(socket));
    server.unref();
    this.#server = server;
  }

  close(): void {
    this.#server?.close();
    if (this.#socket !== undefined) withdraw(this.#socket);
    this.#socket = undefined;
  }

  #listening(socket: HookSocket): void {
    try {
      publish(socket);
      this.#socket = socket;
      this.log.debug('hooks are heard');
    } catch (error) {
      this.#server?.close();
      this.#failed(error);
    }
  }

  /** The end of our side tells the hook that its report counts from now on. */
  #serve(connection: Socket): void {
    let text = '';
    connection.setEncoding('utf8').setTimeout(SILENCE, () => connection.destroy());
    connection.on('error', () => undefined);
    connection.on('data', (chunk: string) => {
      text += chunk;
      if (text.length > MAX_REPORT) connection.destroy();
    });
    connection.on('end', () => {
      const report = readReport(text);
      if (report !== undefined) this.take(report);
      connection.end();
    });
  }

  #failed(error: unknown): void {
    this.log.warn('hooks are not heard', { because: errorText(error) });
  }
}
