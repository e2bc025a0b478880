import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { modernHeaders } from '#shared/mcp/headers.js';
import { isObject } from '#shared/mcp/json-rpc.js';
import { within } from '../../demo/stack/child.js';
import { credentials } from '../support/http.js';
import type { SignedIn } from '../support/person.js';
import { ENVELOPE } from './modern-session.js';
import { paramsOf, TOOL, type StreamedCall } from './streamed-call.js';

/** Milliseconds; a safety net. */
const WAIT = 60_000;
const SECOND = 1_000;

/** A client of 2026-07-28 that makes one call and takes one byte of its answer each second. */
export class SlowReader {
  #bytes = 0;
  readonly #timer: NodeJS.Timeout;

  private constructor(private readonly socket: Socket) {
    this.#timer = setInterval(() => this.#take(), SECOND);
    socket.on('error', () => undefined);
  }

  /** Resolves when the answer has begun. */
  static async call(url: string, by: SignedIn, call: StreamedCall): Promise<SlowReader> {
    const { hostname, port, host, pathname } = new URL(url);
    const { _meta: meta, ...params } = paramsOf(call, TOOL);
    const all = { ...params, _meta: { ...ENVELOPE, ...(isObject(meta) ? meta : {}) } };
    const message = { jsonrpc: '2.0', id: call.name, method: 'tools/call', params: all };
    const body = JSON.stringify(message);
    const headers = {
      host,
      'content-length': String(Buffer.byteLength(body)),
      ...modernHeaders(message),
      ...(await credentials(by, 'POST', url)),
    };
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    const socket = connect(Number(port), hostname);
    socket.pause();
    socket.write(`POST ${pathname} HTTP/1.1\r\n${lines.join('')}\r\n${body}`);
    await within(once(socket, 'readable'), WAIT, `No answer to ${call.name}`);
    return new SlowReader(socket);
  }

  /** Bytes that it has taken so far. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Goes away in the middle of the answer. */
  end(): void {
    clearInterval(this.#timer);
    this.socket.destroy();
  }

  #take(): void {
    const taken = this.socket.read(1) as Buffer | null;
    this.#bytes += taken?.length ?? 0;
  }
}
