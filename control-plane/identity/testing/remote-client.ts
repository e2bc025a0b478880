import * as oidc from 'openid-client';
import { TestBrowser, type Page } from './browser.js';
import type { Tokens } from './client.js';

/** How an app of another company is known, and where it has codes sent. */
export interface RemoteIdentity {
  readonly clientId: string;
  readonly redirectUri: string;
}

/** An app of another company, without the bridge: public, with bearer tokens. */
export class RemoteClient {
  readonly verifier = oidc.randomPKCECodeVerifier();
  readonly state = oidc.randomState();

  private constructor(
    readonly configuration: oidc.Configuration,
    readonly identity: RemoteIdentity,
    readonly browser: TestBrowser,
  ) {}

  static async of(issuer: string, identity: RemoteIdentity, browser = new TestBrowser()): Promise<RemoteClient> {
    const configuration = await oidc.discovery(new URL(issuer), identity.clientId, undefined, oidc.None(), {
      execute: [oidc.allowInsecureRequests],
      algorithm: 'oauth2',
    });
    return new RemoteClient(configuration, identity, browser);
  }

  async authorizationUrl(extra: Record<string, string> = {}): Promise<URL> {
    return oidc.buildAuthorizationUrl(this.configuration, {
      redirect_uri: this.identity.redirectUri,
      scope: 'mcp',
      state: this.state,
      code_challenge: await oidc.calculatePKCECodeChallenge(this.verifier),
      code_challenge_method: 'S256',
      ...extra,
    });
  }

  /** Walks to the confirm page: our server, the IdP's form, and back. */
  async toConfirmPage(login: string, extra?: Record<string, string>): Promise<Page> {
    const form = await this.browser.open(await this.authorizationUrl(extra), this.identity.redirectUri);
    return this.browser.submit(form, { login }, this.identity.redirectUri);
  }

  async signIn(login: string, extra?: Record<string, string>): Promise<Tokens> {
    return this.approve(await this.toConfirmPage(login, extra));
  }

  async approve(confirm: Page): Promise<Tokens> {
    const { url } = await this.browser.submit(confirm, { decision: 'approve' }, this.identity.redirectUri);
    const checks = { pkceCodeVerifier: this.verifier, expectedState: this.state };
    return oidc.authorizationCodeGrant(this.configuration, url, checks);
  }

  async refresh(refreshToken: string): Promise<Tokens> {
    return oidc.refreshTokenGrant(this.configuration, refreshToken);
  }
}

/** Registers as RFC 7591 has it; the answer as it came. */
export async function register(
  issuer: string,
  metadata: unknown,
): Promise<{ status: number; body: RegisteredMetadata }> {
  const response = await fetch(`${issuer}/oauth/register`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(metadata),
  });
  return { status: response.status, body: (await response.json()) as RegisteredMetadata };
}

export interface RegisteredMetadata extends Readonly<Record<string, unknown>> {
  readonly client_id: string;
}
