import { once } from 'node:events';
import {
  createServer,
  request as ask,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { decodeJwt, SignJWT } from 'jose';

const TOKEN_EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange';
const ID_JAG = 'urn:ietf:params:oauth:token-type:id-jag';
const TOKENS = ['access_token', 'refresh_token', 'id_token'] as const;

/** A proxy before the company's identity provider that knows every token that it gives, and makes identity assertions beside. */
export class OverheardIdp {
  /** Each token, and what it is. */
  readonly tokens = new Map<string, (typeof TOKENS)[number] | 'assertion'>();
  #provider = 0;

  private constructor(
    private readonly server: Server,
    readonly port: number,
  ) {}

  static async listen(): Promise<OverheardIdp> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const idp = new OverheardIdp(server, (server.address() as AddressInfo).port);
    server.on('request', (request, response) => {
      const { method = '', url = '', headers } = request;
      void buffer(request).then((body) => idp.#answer({ method, url, headers, body }, response));
    });
    return idp;
  }

  forwardTo(listen: string): void {
    this.#provider = Number(listen.split(':')[1]);
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }

  async #answer(asked: Asked, response: ServerResponse): Promise<void> {
    const form = new URLSearchParams(asked.url === '/token' ? asked.body.toString() : '');
    if (form.get('grant_type') === TOKEN_EXCHANGE) return this.#assert(form, response);
    const { method, url: path, headers } = asked;
    const passed = ask({ host: '127.0.0.1', port: this.#provider, method, path, headers }).end(asked.body);
    passed.on('error', () => response.destroy());
    passed.on('response', (answer) => {
      void this.#pass(path, answer, response);
    });
  }

  async #pass(path: string, answer: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await buffer(answer);
    if (path === '/token') this.#overhear(JSON.parse(body.toString()) as Record<string, string>);
    response.writeHead(answer.statusCode ?? 502, answer.headers).end(body);
  }

  async #assert(form: URLSearchParams, response: ServerResponse): Promise<void> {
    const { sub } = decodeJwt(form.get('subject_token') ?? '');
    const claims = { sub, aud: form.get('audience'), client_id: 'broker', resource: form.get('resource') };
    const assertion = await new SignJWT(claims as Record<string, string>)
      .setProtectedHeader({ alg: 'HS256', typ: 'oauth-id-jag+jwt' })
      .setExpirationTime('5m')
      .sign(crypto.getRandomValues(new Uint8Array(32)));
    this.tokens.set(assertion, 'assertion');
    const answer = { issued_token_type: ID_JAG, access_token: assertion, token_type: 'N_A', expires_in: 300 };
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
  }

  #overhear(answer: Readonly<Record<string, string>>): void {
    for (const kind of TOKENS) if (answer[kind] !== undefined) this.tokens.set(answer[kind], kind);
  }
}

interface Asked {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}
