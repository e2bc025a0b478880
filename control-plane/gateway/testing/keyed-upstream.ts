import type { ServerResponse } from 'node:http';
import { sendJson, sendResult, textResult, UpstreamServer, type SeenRequest } from './upstream-server.js';

type Form = 'modern' | 'legacy' | 'sse';

/** How a request without the right key is answered. */
interface Refusal {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
}

const INVALID_TOKEN: Refusal = { status: 401, headers: { 'www-authenticate': 'Bearer error="invalid_token"' } };

/** A server of one era that opens to one key, and forgets it when it is told. */
export class KeyedUpstream implements AsyncDisposable {
  refusal: Refusal = INVALID_TOKEN;
  #stream: ServerResponse | undefined;

  private constructor(
    private readonly form: Form,
    public key: string,
    readonly server: UpstreamServer,
  ) {}

  static async open(form: Form, key: string): Promise<KeyedUpstream> {
    let keyed: KeyedUpstream | undefined;
    const server = await UpstreamServer.open((request, response) => keyed?.handle(request, response));
    keyed = new KeyedUpstream(form, key, server);
    return keyed;
  }

  get settings(): Record<string, unknown> {
    return { url: this.server.url, ...(this.form === 'sse' ? { transport: 'sse' } : {}) };
  }

  /** HTTP method or MCP method, and with which key, of everything since the last time. */
  asked(): string[] {
    return this.server.seen
      .splice(0)
      .map(({ httpMethod, message, headers }) => `${message.method ?? httpMethod} ${headers.authorization}`);
  }

  handle(request: SeenRequest, response: ServerResponse): void {
    const { method } = request.message;
    if (request.headers.authorization !== `Bearer ${this.key}`) {
      response.writeHead(this.refusal.status, this.refusal.headers).end();
    } else if (request.httpMethod === 'GET') this.#listen(response);
    else if (request.message.id === undefined) response.writeHead(202).end();
    else if (this.form === 'sse') this.#say(response, request);
    else if (this.form === 'legacy' && method === 'server/discover') {
      sendJson(response, 400, { jsonrpc: '2.0', id: null, error: { code: -32000, message: 'Not initialized' } });
    } else sendResult(response, request, this.#resultOf(request));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server[Symbol.asyncDispose]();
  }

  #listen(response: ServerResponse): void {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(this.form === 'sse' ? 'event: endpoint\ndata: /messages\n\n' : ': open\n\n');
    this.#stream = response;
  }

  #say(response: ServerResponse, request: SeenRequest): void {
    response.writeHead(202).end();
    const answer = { jsonrpc: '2.0', id: request.message.id, result: this.#resultOf(request) };
    this.#stream?.write(`event: message\ndata: ${JSON.stringify(answer)}\n\n`);
  }

  #resultOf({ message: { method, params } }: SeenRequest): Record<string, unknown> {
    const capabilities = { tools: { listChanged: true } };
    if (method === 'server/discover') {
      return {
        resultType: 'complete',
        supportedVersions: ['2026-07-28'],
        capabilities,
        ttlMs: 0,
        cacheScope: 'public',
      };
    }
    if (method === 'initialize') {
      const protocolVersion = this.form === 'sse' ? '2024-11-05' : '2025-11-25';
      return { protocolVersion, capabilities, serverInfo: { name: 'keyed', version: '1' } };
    }
    if (method === 'tools/list') {
      return {
        resultType: 'complete',
        tools: [{ name: 'get', inputSchema: { type: 'object' } }],
        ttlMs: 0,
        cacheScope: 'public',
      };
    }
    return textResult(JSON.stringify(params?.['arguments'] ?? 'done'));
  }
}
