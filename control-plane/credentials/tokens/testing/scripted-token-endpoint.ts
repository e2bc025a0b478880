import { once } from 'node:events';
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';

interface Received {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly form: Readonly<Record<string, string>>;
}

interface Scripted {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: object;
}

/** Says over real HTTP what a test wants, and remembers what it was asked; it checks nothing. */
export class ScriptedTokenEndpoint implements AsyncDisposable {
  readonly requests: Received[] = [];
  answer: Scripted = { body: { access_token: 'scripted-token', token_type: 'Bearer', expires_in: 300 } };

  private constructor(
    readonly origin: string,
    private readonly server: Server,
  ) {}

  static async start(): Promise<ScriptedTokenEndpoint> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const endpoint = new ScriptedTokenEndpoint(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, server);
    server.on('request', (request, response) => void endpoint.#answer(request, response));
    return endpoint;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    const { url: path = '', headers } = request;
    this.requests.push({ path, headers, form: Object.fromEntries(new URLSearchParams(body)) });
    const { status = 200, headers: more, body: json } = this.answer;
    response.writeHead(status, { 'content-type': 'application/json', ...more }).end(JSON.stringify(json));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
