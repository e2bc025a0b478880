import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { exportJWK, generateKeyPair, SignJWT, type JWK, type JWTPayload } from 'jose';

export const FIRST_KEY = 'key-1';

type Key = Awaited<ReturnType<typeof generateKeyPair>>;

/** An OpenID provider on loopback that asks nobody anything and answers as a test wants it to, right or wrong. */
export class HostileIdp implements AsyncDisposable {
  /** Instead of, or beside, what its metadata says. */
  metadata: Readonly<Record<string, unknown>> = {};
  /** Instead of, or beside, the claims of its ID tokens. */
  claims: Readonly<Record<string, unknown>> = {};
  /** The `kid` of ID tokens, where not that of its key. */
  kid: string | undefined;
  /** Makes the ID token of these claims, where not its own key does. */
  forge: ((claims: JWTPayload) => string | Promise<string>) | undefined;
  /** Changes what the browser brings back. */
  answer: (query: URLSearchParams) => void = () => undefined;
  keyRequests = 0;
  tokenRequests = 0;
  #nonce = '';
  #refreshToken = '';
  #kid = FIRST_KEY;

  private constructor(
    private readonly server: Server,
    private key: Key,
  ) {
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      this.#serve(request, response).catch(() => response.destroy());
    });
  }

  static async start(): Promise<HostileIdp> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new HostileIdp(server, await generateKeyPair('ES256'));
  }

  get issuer(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** From now on it signs with a new key and publishes that one only. */
  async rotateKey(): Promise<void> {
    this.key = await generateKeyPair('ES256');
    this.#kid = randomUUID();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.server.close();
    this.server.closeAllConnections();
    await once(this.server, 'close');
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? '', this.issuer);
    if (pathname === '/.well-known/openid-configuration') return json(response, 200, this.#discovery());
    if (pathname === '/keys') return json(response, 200, { keys: [await this.#publicKey()] });
    if (pathname === '/authorize') return this.#sendBack(searchParams, response);
    if (pathname === '/token') return this.#giveTokens(new URLSearchParams(await text(request)), response);
    return json(response, 404, {});
  }

  #discovery(): object {
    const { issuer } = this;
    return {
      issuer,
      authorization_endpoint: `${issuer}/authorize`,
      token_endpoint: `${issuer}/token`,
      jwks_uri: `${issuer}/keys`,
      response_types_supported: ['code'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['ES256'],
      authorization_response_iss_parameter_supported: true,
      ...this.metadata,
    };
  }

  async #publicKey(): Promise<JWK> {
    this.keyRequests += 1;
    return { ...(await exportJWK(this.key.publicKey)), kid: this.#kid, alg: 'ES256', use: 'sig' };
  }

  #sendBack(query: URLSearchParams, response: ServerResponse): void {
    this.#nonce = query.get('nonce') ?? '';
    const back = new URL(query.get('redirect_uri') ?? '');
    back.search = new URLSearchParams({ code: 'c0de', state: query.get('state') ?? '', iss: this.issuer }).toString();
    this.answer(back.searchParams);
    response.writeHead(303, { location: back.href }).end();
  }

  /** Its refresh tokens are good once; one that is used again ends them all. */
  async #giveTokens(form: URLSearchParams, response: ServerResponse): Promise<void> {
    this.tokenRequests += 1;
    const refreshing = form.get('grant_type') === 'refresh_token';
    if (refreshing && form.get('refresh_token') !== this.#refreshToken) {
      this.#refreshToken = '';
      return json(response, 400, { error: 'invalid_grant' });
    }
    this.#refreshToken = randomUUID();
    return json(response, 200, {
      access_token: 'at',
      token_type: 'Bearer',
      expires_in: 300,
      refresh_token: this.#refreshToken,
      id_token: await this.#idToken(form.get('client_id') ?? '', refreshing ? {} : { nonce: this.#nonce }),
    });
  }

  async #idToken(audience: string, more: object): Promise<string> {
    const now = Math.floor(Date.now() / 1000);
    const usual = { iss: this.issuer, aud: audience, sub: 'alice', iat: now, exp: now + 300, auth_time: now };
    const claims = { ...usual, groups: [], ...more, ...this.claims };
    if (this.forge) return this.forge(claims);
    const header = { alg: 'ES256', kid: this.kid ?? this.#kid };
    return new SignJWT(claims).setProtectedHeader(header).sign(this.key.privateKey);
  }
}

function json(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
