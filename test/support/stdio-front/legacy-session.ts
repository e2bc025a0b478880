import type { ServerResponse } from 'node:http';
import { isObject, type JsonObject, type JsonRpcRequest } from '#shared/mcp/json-rpc.js';
import { HEADERS } from '#shared/mcp/headers.js';
import { beginStream, writeEvent } from './event-stream.js';
import type { LineProcess } from './line-process.js';

interface Waiting {
  readonly message: JsonRpcRequest;
  readonly response: ServerResponse;
}

/** One client's session of an older revision with a stdio server of its own (MCP 2025-11-25, basic/transports). */
export class LegacySession {
  readonly #id: string;
  readonly #server: LineProcess;
  readonly #waiting = new Map<unknown, Waiting>();
  /** The stream that the client opened by GET. */
  #stream: ServerResponse | undefined;

  constructor(id: string, server: LineProcess) {
    this.#id = id;
    this.#server = server;
    server.hear = (message) => this.#hear(message);
  }

  /** A message of the client. */
  post(message: JsonRpcRequest, response: ServerResponse): void {
    if ('id' in message && 'method' in message) {
      beginStream(response, { [HEADERS.session]: this.#id });
      this.#waiting.set(message.id, { message, response });
    } else {
      response.writeHead(202).end();
    }
    this.#server.say(message);
  }

  /** The client listens to what belongs to no request. */
  listen(response: ServerResponse): void {
    beginStream(response);
    this.#stream = response;
  }

  async end(): Promise<void> {
    this.#stream?.end();
    await this.#server.end();
  }

  #hear(message: JsonObject): void {
    if (!('method' in message)) {
      const answered = this.#waiting.get(message['id'])?.response;
      this.#waiting.delete(message['id']);
      if (answered === undefined) return;
      writeEvent(answered, message);
      answered.end();
      return;
    }
    const stream = this.#streamFor(message);
    if (stream !== undefined) writeEvent(stream, message);
  }

  /** Progress goes to its request, the rest to the newest request, or to the stream of the session where there is none. */
  #streamFor(message: JsonObject): ServerResponse | undefined {
    const waiting = [...this.#waiting.values()];
    const token = isObject(message['params']) ? message['params']['progressToken'] : undefined;
    const own = token === undefined ? undefined : waiting.find((entry) => progressTokenOf(entry.message) === token);
    return own?.response ?? waiting.at(-1)?.response ?? this.#stream;
  }
}

function progressTokenOf({ params }: JsonRpcRequest): unknown {
  return isObject(params?.['_meta']) ? params['_meta']['progressToken'] : undefined;
}
