import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { JsonObject } from '#shared/mcp/json-rpc.js';

/** A free port that no outgoing connection gets from the kernel while nobody listens on it. */
export async function keptPort(): Promise<number> {
  for (;;) {
    const port = 10_000 + Math.floor(Math.random() * 10_000);
    const server = createServer();
    const free = await new Promise<boolean>((resolve) => {
      server.once('error', () => resolve(false));
      server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
    });
    if (free) return port;
  }
}

/** A request as the control plane got it. */
export interface Received {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  readonly message: JsonObject;
}

export type Script = (received: Received, response: ServerResponse, request: IncomingMessage) => void | Promise<void>;

/** A control plane on loopback that answers as the test says, and remembers what it was asked. */
export class ScriptedControlPlane implements AsyncDisposable {
  readonly received: Received[] = [];
  /** `subscriptions/listen` requests; the test answers them by `listening`. */
  readonly listens: Received[] = [];
  /** Keeps the stream open and quiet unless the test says otherwise. */
  listening: Script = (_received, response) => {
    stream(response);
    response.flushHeaders();
  };
  script: Script;
  readonly #server = createServer((request, response) => void this.#serve(request, response));

  constructor(script: Script) {
    this.script = script;
  }

  async listen(port = 0): Promise<string> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#server.listen(port, '127.0.0.1', resolve);
    await promise;
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#server.close(() => resolve());
    this.#server.closeAllConnections();
    await promise;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await text(request);
    const received = {
      path: request.url ?? '',
      headers: request.headers,
      text: body,
      message: JSON.parse(body) as JsonObject,
    };
    const isListen = received.message['method'] === 'subscriptions/listen';
    (isListen ? this.listens : this.received).push(received);
    await (isListen ? this.listening : this.script)(received, response, request);
  }
}

export function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(typeof body === 'string' ? body : JSON.stringify(body));
}

/** Answers with the `result` that a modern server would give. */
export function succeed(received: Received, response: ServerResponse, result: JsonObject): void {
  json(response, 200, { jsonrpc: '2.0', id: received.message['id'], result: { resultType: 'complete', ...result } });
}

export function stream(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
}

export function event(response: ServerResponse, message: unknown): void {
  response.write(`event: message\ndata: ${JSON.stringify(message)}\n\n`);
}
