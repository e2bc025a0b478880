import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface SeenRequest {
  readonly httpMethod: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  readonly message: Record<string, unknown> & { id?: unknown; method?: string; params?: Record<string, unknown> };
}

export type Handler = (request: SeenRequest, response: ServerResponse) => void | Promise<void>;

/** A hand-written upstream on loopback: it counts what it is asked and answers as the test wants. */
export class UpstreamServer implements AsyncDisposable {
  readonly seen: SeenRequest[] = [];
  readonly #server;

  private constructor(private readonly handler: Handler) {
    this.#server = createServer((request, response) => void this.#serve(request, response));
  }

  static async open(handler: Handler): Promise<UpstreamServer> {
    const upstream = new UpstreamServer(handler);
    await new Promise<void>((resolve) => upstream.#server.listen(0, '127.0.0.1', resolve));
    return upstream;
  }

  /** A modern server; `handler` answers everything but `server/discover`. */
  static modern(handler: Handler): Promise<UpstreamServer> {
    return UpstreamServer.open((request, response) => {
      if (request.message.method !== 'server/discover') return handler(request, response);
      sendResult(response, request, {
        resultType: 'complete',
        supportedVersions: ['2026-07-28'],
        capabilities: { tools: { listChanged: true } },
        instructions: 'Ask nicely.',
        ttlMs: 0,
        cacheScope: 'public',
      });
      return undefined;
    });
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/mcp`;
  }

  /** What was asked, without the questions about the server itself. */
  calls(): SeenRequest[] {
    return this.seen.filter(({ message }) => message.method !== 'server/discover');
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString();
    const message = (text === '' ? {} : JSON.parse(text)) as SeenRequest['message'];
    const seen = { httpMethod: request.method!, url: request.url!, headers: request.headers, text, message };
    this.seen.push(seen);
    await this.handler(seen, response);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

export function sendJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(typeof body === 'string' ? body : JSON.stringify(body));
}

export function sendResult(response: ServerResponse, { message }: SeenRequest, result: unknown): void {
  sendJson(response, 200, { jsonrpc: '2.0', id: message.id, result });
}

export function textResult(text: string): Record<string, unknown> {
  return { resultType: 'complete', content: [{ type: 'text', text }] };
}
