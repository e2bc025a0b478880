import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWTHeaderParameters, type JWTPayload } from 'jose';
import { Provider, type ClientMetadata } from 'oidc-provider';
import { html } from '#shared/pages/html.js';

export interface IdpUser {
  email?: string;
  name?: string;
  /** As the claim is sent: an array, a single string, or nothing. */
  groups?: unknown;
  /** What its ID token says of the device. */
  device?: unknown;
  _claim_names?: Readonly<Record<string, string>>;
  active: boolean;
  /** Epoch seconds: an IdP that rests on an earlier sign-in, whatever was asked of it. */
  signedInAt?: number;
  /** What it says of the sign-in; `mfa` without it, nothing where it is null. */
  acr?: string | null;
}

export interface IdpOptions {
  readonly redirectUri: string;
  readonly refreshTokens?: boolean;
  /** Where the groups claim goes: into the ID token (as Okta and Entra do) or only to userinfo. */
  readonly groupsIn?: 'id-token' | 'userinfo';
  /** How the control plane's client is registered otherwise, such as how it authenticates. */
  readonly registration?: Partial<ClientMetadata>;
}

export const IDP_CLIENT = { id: 'control-plane', secret: 'idp-secret_with.odd~characters-0123456789' };

/** A real OpenID provider on loopback, with a login form and users that a test may change. */
export class TestIdp {
  /** Requests to the token endpoint so far. */
  tokenRequests = 0;
  /** While true every request is answered with 503. */
  down = false;

  private constructor(
    readonly issuer: string,
    readonly users: Map<string, IdpUser>,
    private readonly server: Server,
    readonly provider: Provider,
    private readonly key: CryptoKey,
  ) {}

  static async start(options: IdpOptions): Promise<TestIdp> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const { privateKey } = await generateKeyPair('ES256', { extractable: true });
    const key = { ...(await exportJWK(privateKey)), alg: 'ES256', use: 'sig', kid: 'idp' };
    const users = new Map<string, IdpUser>();
    const provider = new Provider(issuer, {
      jwks: { keys: [key] },
      clients: [
        {
          client_id: IDP_CLIENT.id,
          client_secret: IDP_CLIENT.secret,
          token_endpoint_auth_method: 'client_secret_post',
          application_type: 'native',
          grant_types: ['authorization_code', 'refresh_token'],
          response_types: ['code'],
          redirect_uris: [options.redirectUri],
          id_token_signed_response_alg: 'ES256',
          // With it, ID tokens name the session (`sid`); a test signs its logout tokens itself.
          backchannel_logout_uri: new URL('/auth/backchannel-logout', options.redirectUri).href,
          backchannel_logout_session_required: true,
          ...options.registration,
        },
      ],
      cookies: { keys: ['test'], names: { session: 'idp', interaction: 'idp_i', resume: 'idp_r' } },
      scopes: ['openid', 'offline_access', 'profile', 'email', 'groups'],
      claims: {
        openid: ['sub', 'acr', 'amr', 'auth_time', 'device'],
        profile: ['name'],
        email: ['email'],
        groups: ['groups', '_claim_names'],
      },
      conformIdTokenClaims: options.groupsIn === 'userinfo',
      pkce: { required: () => true },
      rotateRefreshToken: true,
      expiresWithSession: () => false,
      issueRefreshToken: () => options.refreshTokens ?? true,
      ttl: {
        AccessToken: 300,
        AuthorizationCode: 60,
        IdToken: 300,
        RefreshToken: 3600,
        Grant: 3600,
        Session: 3600,
        Interaction: 600,
      },
      features: { devInteractions: { enabled: false }, backchannelLogout: { enabled: true } },
      interactions: { url: (_context, { uid }) => `/login/${uid}` },
      findAccount: (_context, subject) => {
        const user = users.get(subject);
        if (!user?.active) return undefined;
        const { active: _, acr: _acr, ...claims } = user;
        return { accountId: subject, claims: () => ({ sub: subject, ...claims }) };
      },
    });
    const idp = new TestIdp(issuer, users, server, provider, privateKey);
    const callback = provider.callback();
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      void idp.#answer(request, response, callback);
    });
    return idp;
  }

  /** Resolves when the token endpoint is asked the next time. */
  async nextTokenRequest(): Promise<void> {
    await once(this.server, 'token-request');
  }

  /** Any token of this provider. */
  async sign(claims: JWTPayload, header: Partial<JWTHeaderParameters> = {}): Promise<string> {
    const whole = { iss: this.issuer, iat: Math.floor(Date.now() / 1000), jti: crypto.randomUUID(), ...claims };
    return new SignJWT(whole).setProtectedHeader({ alg: 'ES256', kid: 'idp', ...header }).sign(this.key);
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    if (this.server.listening) await new Promise((resolve) => this.server.close(resolve));
  }

  async #answer(
    request: IncomingMessage,
    response: ServerResponse,
    callback: (request: IncomingMessage, response: ServerResponse) => Promise<void>,
  ): Promise<void> {
    if (this.down) return void response.writeHead(503).end();
    if (request.url === '/token') {
      this.tokenRequests += 1;
      this.server.emit('token-request');
    }
    if (!request.url?.startsWith('/login/')) return callback(request, response);
    const { prompt, params, session } = await this.provider.interactionDetails(request, response);
    if (prompt.name === 'consent') {
      const grant = new this.provider.Grant({
        accountId: session?.accountId ?? '',
        clientId: String(params['client_id']),
      });
      grant.addOIDCScope(String(params['scope']));
      const consent = { grantId: await grant.save() };
      return this.provider.interactionFinished(request, response, { consent });
    }
    if (request.method === 'GET') {
      response.setHeader('content-type', 'text/html');
      const hint = typeof params['login_hint'] === 'string' ? params['login_hint'] : '';
      const form = html`<form method="post"><input name="login" value="${hint}" /><button>Sign in</button></form>`;
      return void response.end(form.text);
    }
    let body = '';
    for await (const chunk of request) body += String(chunk);
    const login = new URLSearchParams(body).get('login') ?? '';
    const user = this.users.get(login);
    const ts = user?.signedInAt === undefined ? {} : { ts: user.signedInAt };
    const result = user?.active
      ? {
          login: {
            accountId: login,
            amr: ['pwd', 'otp'],
            ...(user.acr === null ? {} : { acr: user.acr ?? 'mfa' }),
            ...ts,
          },
        }
      : { error: 'access_denied' };
    return this.provider.interactionFinished(request, response, result);
  }
}
