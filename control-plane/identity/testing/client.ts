import * as oidc from 'openid-client';
import { CLIENTS } from '#shared/api/paths.js';
import { TestBrowser, type Page } from './browser.js';

export const REDIRECT_URI = 'http://127.0.0.1:48123/callback';

export type DpopKeys = Awaited<ReturnType<typeof oidc.randomDPoPKeyPair>>;
export type Tokens = Awaited<ReturnType<typeof oidc.refreshTokenGrant>>;

export interface AuthorizeOptions {
  readonly resource?: string;
  readonly scope?: string;
  readonly deviceName?: string;
  readonly extra?: Record<string, string>;
}

/** A native client with a DPoP key, as the bridge is one. */
export class TestClient {
  readonly verifier = oidc.randomPKCECodeVerifier();
  readonly state = oidc.randomState();

  private constructor(
    readonly configuration: oidc.Configuration,
    readonly dpop: oidc.DPoPHandle,
    readonly keys: DpopKeys,
    readonly browser: TestBrowser,
  ) {}

  static async of(issuer: string, clientId: string = CLIENTS.bridge, browser = new TestBrowser()): Promise<TestClient> {
    const configuration = await oidc.discovery(new URL(issuer), clientId, undefined, oidc.None(), {
      execute: [oidc.allowInsecureRequests],
      algorithm: 'oauth2',
    });
    const keys = await oidc.randomDPoPKeyPair('ES256', { extractable: true });
    return new TestClient(configuration, oidc.getDPoPHandle(configuration, keys), keys, browser);
  }

  async authorizationUrl({ resource, scope, deviceName, extra }: AuthorizeOptions = {}): Promise<URL> {
    return oidc.buildAuthorizationUrl(this.configuration, {
      redirect_uri: REDIRECT_URI,
      scope: scope ?? 'openid mcp',
      state: this.state,
      code_challenge: await oidc.calculatePKCECodeChallenge(this.verifier),
      code_challenge_method: 'S256',
      ...(resource === undefined ? {} : { resource }),
      ...(deviceName === undefined ? {} : { device_name: deviceName }),
      ...extra,
    });
  }

  /** Walks to the confirm page: our server, the IdP's form, and back. */
  async toConfirmPage(login: string, options?: AuthorizeOptions): Promise<Page> {
    const form = await this.browser.open(await this.authorizationUrl(options), REDIRECT_URI);
    return this.browser.submit(form, { login }, REDIRECT_URI);
  }

  /** The whole sign-in up to the address that the client is called back at. */
  async toCallback(login: string, options?: AuthorizeOptions): Promise<URL> {
    const confirm = await this.toConfirmPage(login, options);
    return (await this.browser.submit(confirm, { decision: 'approve' }, REDIRECT_URI)).url;
  }

  async redeem(callback: URL): Promise<Tokens> {
    const checks = { pkceCodeVerifier: this.verifier, expectedState: this.state };
    return oidc.authorizationCodeGrant(this.configuration, callback, checks, undefined, { DPoP: this.dpop });
  }

  async signIn(login: string, options?: AuthorizeOptions): Promise<Tokens> {
    return this.redeem(await this.toCallback(login, options));
  }

  async refresh(refreshToken: string): Promise<Tokens> {
    return oidc.refreshTokenGrant(this.configuration, refreshToken, undefined, { DPoP: this.dpop });
  }

  /** openid-client hides the body of a 5xx: the response itself, kept by the cause of its error. */
  async rawRefresh(refreshToken: string): Promise<{ readonly response: Response }> {
    const error: unknown = await this.refresh(refreshToken).catch((thrown: unknown) => thrown);
    let link = error;
    while (link instanceof Error) link = link.cause;
    if (link instanceof Response) return { response: link };
    throw new Error('the refresh did not fail by its status', { cause: error });
  }

  /** A refusal is an answer too: openid-client throws it, with the response inside. */
  async fetch(url: string, token: string, method = 'GET', headers?: Headers, body?: string): Promise<Response> {
    const { configuration, dpop: DPoP } = this;
    try {
      return await oidc.fetchProtectedResource(configuration, token, new URL(url), method, body, headers, { DPoP });
    } catch (error) {
      if (error instanceof oidc.WWWAuthenticateChallengeError) return error.response;
      throw error;
    }
  }
}
