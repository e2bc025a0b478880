import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Provider, type ClientMetadata } from 'oidc-provider';
import { SavedState } from '../../../../demo/idp/saved-state.js';

export interface UpstreamOptions {
  /** What it knows of us already; without it we register there. */
  readonly client?: ClientMetadata;
  readonly registration?: boolean;
  /** False: it has no revocation endpoint. */
  readonly revocation?: boolean;
  /** Scopes that the MCP server names in its challenge. */
  readonly challenge?: readonly string[];
  /**
   * What becomes of a used refresh token: worth nothing, and a second use ends the grant (`strict`); as good as new for
   * 30 s more (`grace`: the default of Okta, a setting of Auth0); it stays the one token (`none`).
   */
  readonly rotation?: 'strict' | 'grace' | 'none';
}

export const SCOPES = ['files:read', 'files:write'];

/**
 * An MCP server of somebody else's, and its real authorization server beside it: refresh tokens rotate, strictly unless
 * told otherwise, and whoever comes is signed in and agrees.
 */
export class UpstreamAccount implements AsyncDisposable {
  /** Requests to the token endpoint, by grant type. */
  readonly tokenRequests: string[] = [];
  /** How many clients have been registered. */
  registrations = 0;
  /** What the MCP server was asked without a token. */
  probes = 0;
  /** While true the token endpoint is answered with 503. */
  down = false;
  /** While true a token request is carried out, and its answer never arrives. */
  mute = false;
  /** Where token requests get stuck: before they are carried out, or their answers. `nextStuck` tells of one. */
  stuck: 'request' | 'answer' | null = null;
  /** What stands in place of `expires_in` in the answers of the token endpoint, as it is written in JSON. */
  life: string | undefined;
  /** Revocation requests (RFC 7009), refused ones too. */
  revocations = 0;
  /** While true they are answered with 503. */
  revokesNothing = false;
  /** While true it gives all that was granted, whatever `scope` a refresh asks for. */
  ignoresScope = false;
  /** Token requests wait for what it resolves to. */
  hold: (() => Promise<void>) | undefined;
  /** The account that is signed in; null where they refuse. */
  account: string | null = 'alice-at-upstream';

  private constructor(
    readonly url: string,
    readonly issuer: string,
    private readonly servers: readonly Server[],
    private readonly options: UpstreamOptions,
    readonly provider: Provider,
  ) {}

  static async start(options: UpstreamOptions = {}): Promise<UpstreamAccount> {
    const [resource, authorization] = await Promise.all([listening(), listening()]);
    const url = `${addressOf(resource)}/mcp`;
    const issuer = addressOf(authorization);
    const provider = newProvider(issuer, url, options);
    const upstream = new UpstreamAccount(url, issuer, [resource, authorization], options, provider);
    resource.on('request', (request, response) => upstream.#resource(request, response));
    const callback = provider.callback();
    authorization.on('request', (request, response) => void upstream.#authorization(request, response, callback));
    return upstream;
  }

  /** Resolves when a token request is stuck. */
  async nextStuck(): Promise<void> {
    await once(this.servers[1]!, 'stuck');
  }

  /** Whether the server would take it. */
  async takes(accessToken: string): Promise<boolean> {
    return (await this.scopesOf(accessToken)) !== undefined;
  }

  async scopesOf(accessToken: string): Promise<string | undefined> {
    const token = await this.provider.AccessToken.find(accessToken);
    return token?.isValid === true ? (token.scope ?? '') : undefined;
  }

  /** As where the person, or their company, ends it there. */
  async revokeAll(accessToken: string): Promise<void> {
    const token = await this.provider.AccessToken.find(accessToken);
    await this.provider.RefreshToken.revokeByGrantId(token?.grantId ?? '');
  }

  get refreshes(): number {
    return this.tokenRequests.filter((grant) => grant === 'refresh_token').length;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const server of this.servers) {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  }

  #resource(request: IncomingMessage, response: ServerResponse): void {
    const { origin } = new URL(this.url);
    const metadata = `${origin}/.well-known/oauth-protected-resource/mcp`;
    if (request.url === '/.well-known/oauth-protected-resource/mcp') {
      const body = { resource: this.url, authorization_servers: [this.issuer], scopes_supported: SCOPES };
      return void response.setHeader('content-type', 'application/json').end(JSON.stringify(body));
    }
    this.probes += 1;
    const scope = this.options.challenge === undefined ? '' : `, scope="${this.options.challenge.join(' ')}"`;
    response.writeHead(401, { 'www-authenticate': `Bearer resource_metadata="${metadata}"${scope}` }).end();
  }

  async #authorization(
    request: IncomingMessage,
    response: ServerResponse,
    callback: (request: IncomingMessage, response: ServerResponse) => Promise<void>,
  ): Promise<void> {
    if (request.url?.startsWith('/login/')) return await this.#agree(request, response);
    if (request.url === '/reg' && request.method === 'POST') this.registrations += 1;
    if (request.url === '/token/revocation') {
      this.revocations += 1;
      if (this.revokesNothing) return void response.writeHead(503).end();
    }
    if (request.url === '/token') {
      await this.hold?.();
      if (this.down) return void response.writeHead(503).end();
      if (this.mute) response.end = () => response.destroy();
      const tell = (): boolean => this.servers[1]!.emit('stuck');
      if (this.life !== undefined) withLife(response, this.life);
      if (this.stuck === 'request') return void tell();
      if (this.stuck === 'answer') response.end = () => (tell(), response);
      if (this.ignoresScope) this.tokenRequests.push(await withoutScope(request));
      else this.#noteGrant(request);
    }
    await callback(request, response);
  }

  #noteGrant(request: IncomingMessage): void {
    let body = '';
    request.on('data', (chunk) => (body += String(chunk)));
    request.on('end', () => this.tokenRequests.push(new URLSearchParams(body).get('grant_type') ?? ''));
  }

  async #agree(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { prompt, params, session } = await this.provider.interactionDetails(request, response);
    if (this.account === null) {
      return await this.provider.interactionFinished(request, response, { error: 'access_denied' });
    }
    if (prompt.name === 'login') {
      return await this.provider.interactionFinished(request, response, { login: { accountId: this.account } });
    }
    const scope = typeof params['scope'] === 'string' ? params['scope'] : '';
    const grant = new this.provider.Grant({
      accountId: session?.accountId ?? '',
      clientId: String(params['client_id']),
    });
    grant.addResourceScope(this.url, scope);
    grant.addOIDCScope(scope);
    const consent = { grantId: await grant.save() };
    return await this.provider.interactionFinished(request, response, { consent });
  }
}

function withLife(response: ServerResponse, life: string): void {
  const end = response.end.bind(response) as (body: string) => ServerResponse;
  response.end = (body: unknown) => {
    response.removeHeader('content-length');
    return end(String(body).replace(/"expires_in":\d+/, `"expires_in":${life}`));
  };
}

/** oidc-provider takes a body that was read already. Resolves to the grant type. */
async function withoutScope(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const form = new URLSearchParams(Buffer.concat(chunks).toString());
  form.delete('scope');
  Object.assign(request, { body: Object.fromEntries(form) });
  return form.get('grant_type') ?? '';
}

async function listening(): Promise<Server> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

function addressOf(server: Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function newProvider(
  issuer: string,
  url: string,
  { client, registration = client === undefined, revocation = true, rotation = 'strict' }: UpstreamOptions,
): Provider {
  return new Provider(issuer, {
    clients: client === undefined ? [] : [client],
    cookies: { keys: ['test'] },
    scopes: ['openid', 'offline_access', ...SCOPES],
    pkce: { required: () => true },
    rotateRefreshToken: rotation !== 'none',
    ...(rotation === 'grace' ? { adapter: new SavedState(':memory:').adapter } : {}),
    expiresWithSession: () => false,
    issueRefreshToken: () => true,
    ttl: {
      AccessToken: 300,
      AuthorizationCode: 60,
      RefreshToken: 86_400,
      Grant: 86_400,
      Session: 3600,
      Interaction: 600,
    },
    features: {
      devInteractions: { enabled: false },
      registration: { enabled: registration },
      revocation: { enabled: revocation },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => url,
        useGrantedResource: () => true,
        getResourceServerInfo: () => ({ scope: SCOPES.join(' '), accessTokenFormat: 'opaque', accessTokenTTL: 300 }),
      },
    },
    interactions: { url: (_context, { uid }) => `/login/${uid}` },
    findAccount: (_context, subject) => ({ accountId: subject, claims: () => ({ sub: subject }) }),
  });
}
