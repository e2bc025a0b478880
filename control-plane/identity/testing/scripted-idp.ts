import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWK } from 'jose';

export interface ReceivedRequest {
  readonly path: string;
  readonly authorization: string | undefined;
  readonly form: URLSearchParams;
}

const CLIENT = 'control-plane';
const NONCE = 'n'.repeat(22);
/** What a sign-in at it is redeemed with. */
export const LOGIN = { state: 's'.repeat(22), nonce: NONCE, verifier: 'v'.repeat(43) };
export const CALLBACK_QUERY = `?code=c&state=${LOGIN.state}`;

/** A token endpoint over real HTTP that says exactly what a test wants, right or wrong; it checks nothing. */
export class ScriptedIdp implements AsyncDisposable {
  /** Of the ID token, beside iss, aud, times and nonce. */
  claims: Readonly<Record<string, unknown>> = { sub: 'alice', groups: [] };
  /** Seconds that its clock is ahead. */
  ahead = 0;
  refreshToken: string | undefined = 'refresh-1';
  /** `scope` of the token response. */
  granted: string | undefined;
  /** Answers the token endpoint instead. */
  tokenAnswer: { readonly status: number; readonly body: string } | undefined;
  /** Of Microsoft Graph. */
  memberObjects: { readonly status: number; readonly body: unknown } = { status: 200, body: { value: [] } };
  /** Answers at `jwks_uri` instead. */
  jwksAnswer: { readonly status: number; readonly body: unknown } | undefined;
  /** Changes the metadata. */
  metadata: Readonly<Record<string, unknown>> = {};
  readonly requests: ReceivedRequest[] = [];
  #keys: JWK[] = [];
  #signing: CryptoKey | undefined;
  #kid = '';

  private constructor(
    readonly issuer: string,
    private readonly server: Server,
  ) {}

  /** `path`: of the issuer, such as `/tenant/v2.0`. */
  static async start(path = ''): Promise<ScriptedIdp> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const idp = new ScriptedIdp(`http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`, server);
    await idp.#makeKey();
    server.on('request', (request, response) => void idp.#answer(request, response));
    return idp;
  }

  get origin(): string {
    return new URL(this.issuer).origin;
  }

  count(path: string): number {
    return this.requests.filter((request) => request.path.endsWith(path)).length;
  }

  async #makeKey(): Promise<void> {
    const { privateKey, publicKey } = await generateKeyPair('ES256');
    this.#kid = `key-${Math.random()}`;
    this.#signing = privateKey;
    this.#keys = [{ ...(await exportJWK(publicKey)), alg: 'ES256', use: 'sig', kid: this.#kid }];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    const path = request.url ?? '';
    this.requests.push({ path, authorization: request.headers.authorization, form: new URLSearchParams(body) });
    const { status, json } = await this.#reply(path, new URLSearchParams(body));
    response.writeHead(status, {
      'content-type': 'application/json',
      date: new Date(Date.now() + this.ahead * 1000).toUTCString(),
    });
    response.end(typeof json === 'string' ? json : JSON.stringify(json));
  }

  async #reply(path: string, form: URLSearchParams): Promise<{ status: number; json: unknown }> {
    if (path.endsWith('/.well-known/openid-configuration')) return { status: 200, json: this.#discovery() };
    if (path.endsWith('/jwks') && this.jwksAnswer) {
      return { status: this.jwksAnswer.status, json: this.jwksAnswer.body };
    }
    if (path.endsWith('/jwks')) return { status: 200, json: { keys: this.#keys } };
    if (path.endsWith('/getMemberObjects')) {
      return { status: this.memberObjects.status, json: this.memberObjects.body };
    }
    if (!path.endsWith('/token')) return { status: 404, json: {} };
    if (this.tokenAnswer) return { status: this.tokenAnswer.status, json: this.tokenAnswer.body };
    const tokens = { access_token: 'a', token_type: 'Bearer', expires_in: 300 };
    if (form.get('grant_type') === 'client_credentials') return { status: 200, json: tokens };
    const refresh = this.refreshToken === undefined ? {} : { refresh_token: this.refreshToken };
    const scope = this.granted === undefined ? {} : { scope: this.granted };
    return { status: 200, json: { ...tokens, ...refresh, ...scope, id_token: await this.#idToken(form) } };
  }

  #discovery(): object {
    return {
      issuer: this.issuer,
      authorization_endpoint: `${this.issuer}/authorize`,
      token_endpoint: `${this.issuer}/token`,
      jwks_uri: `${this.issuer}/jwks`,
      response_types_supported: ['code'],
      code_challenge_methods_supported: ['S256'],
      id_token_signing_alg_values_supported: ['ES256'],
      scopes_supported: ['openid', 'profile', 'email', 'groups', 'offline_access'],
      grant_types_supported: ['authorization_code', 'refresh_token'],
      token_endpoint_auth_methods_supported: ['client_secret_post', 'private_key_jwt'],
      ...this.metadata,
    };
  }

  async #idToken(form: URLSearchParams): Promise<string> {
    if (!this.#signing) throw new Error('There is no key.');
    const now = Math.floor(Date.now() / 1000) + this.ahead;
    const nonce = form.get('grant_type') === 'authorization_code' ? { nonce: NONCE } : {};
    return new SignJWT({ iss: this.issuer, aud: CLIENT, iat: now, exp: now + 300, ...nonce, ...this.claims })
      .setProtectedHeader({ alg: 'ES256', kid: this.#kid })
      .sign(this.#signing);
  }
}
