import { PATHS } from '#shared/api/paths.js';
import { decodeJwt, type JWTHeaderParameters, type JWTPayload } from 'jose';
import { AuditService } from '../../../audit/audit.service.js';
import { Metrics } from '../../../observability/metrics.js';
import { startApplication, type ApplicationOptions, type TestApplication } from '../../testing/application.js';
import type { Page } from '../../testing/browser.js';
import { REDIRECT_URI, TestClient, type Tokens } from '../../testing/client.js';
import { IDP_CLIENT, TestIdp } from '../../testing/idp.js';
import { SCIM_TOKEN } from '../../scim/testing/scim-request.js';
import { SessionsService } from '../../sessions/sessions.service.js';
import { freePort } from '../../../../demo/stack/ports.js';

export const LOGOUT = { 'http://schemas.openid.net/event/backchannel-logout': {} };
export const CAEP = 'https://schemas.openid.net/secevent/caep/event-type';
export const RISC = 'https://schemas.openid.net/secevent/risc/event-type';
export const SECRET = 'transmitter-secret';
export const AUDIENCE = 'https://mcp.corp.test';

function settingsOf({ issuer }: TestIdp, more: object) {
  const client = { clientId: IDP_CLIENT.id, clientSecret: 'env:IDP_SECRET' };
  return { issuer, ...client, universalLogout: { issuer }, ...more };
}

export interface SignedIn {
  readonly client: TestClient;
  readonly tokens: Tokens;
  readonly session: string;
  /** `sid` that the IdP gave. */
  readonly idpSession: string;
}

/** A control plane with two providers that may both tell it who is out; people sign in at the first. */
export class Receiver implements AsyncDisposable {
  private constructor(
    readonly system: TestApplication,
    readonly idp: TestIdp,
    readonly other: TestIdp,
  ) {}

  /** `modules`: rooms above identity, where a test needs them. */
  static async start(database?: string, modules: ApplicationOptions['modules'] = []): Promise<Receiver> {
    const port = await freePort();
    const publicUrl = `http://127.0.0.1:${port}`;
    const idp = await TestIdp.start({ redirectUri: `${publicUrl}/auth/callback` });
    const other = await TestIdp.start({ redirectUri: `${publicUrl}/auth/callback` });
    const providers = {
      corp: settingsOf(idp, {
        sharedSignals: { issuer: idp.issuer, audience: AUDIENCE },
        scim: { token: 'env:SCIM', groups: 'token' },
      }),
      other: settingsOf(other, { sharedSignals: { issuer: other.issuer, audience: AUDIENCE, secret: 'env:SSF' } }),
    };
    const system = await startApplication({
      port,
      publicUrl,
      idp,
      settings: { identity: { providers } },
      modules,
      environment: { SSF: SECRET, SCIM: SCIM_TOKEN },
      ...(database === undefined ? {} : { database }),
    });
    return new Receiver(system, idp, other);
  }

  /** Signs in at one of the two. */
  async signIn(login: string, provider: 'corp' | 'other' = 'corp'): Promise<SignedIn> {
    const at = provider === 'corp' ? this.idp : this.other;
    at.users.set(login, { email: `${login}@corp.test`, name: login, groups: [], active: true });
    const client = await TestClient.of(this.system.publicUrl);
    const confirm = await this.toConfirmPage(client, login, provider);
    if (confirm.status !== 200) throw new Error(confirm.text);
    const { url } = await client.browser.submit(confirm, { decision: 'approve' }, REDIRECT_URI);
    const tokens = await client.redeem(url);
    const session = String(decodeJwt(tokens.access_token)['sid']);
    const live = await this.system.app.get(SessionsService).read(session);
    return { client, tokens, session, idpSession: live?.idpSession ?? '' };
  }

  /** A client's browser before the confirm page. */
  async toConfirmPage(client: TestClient, login: string, provider = 'corp'): Promise<Page> {
    const choice = await client.browser.open(await client.authorizationUrl(), REDIRECT_URI);
    const form = await client.browser.open(new URL(`?provider=${provider}`, choice.url), REDIRECT_URI);
    return client.browser.submit(form, { login }, REDIRECT_URI);
  }

  async isLive({ session }: SignedIn): Promise<boolean> {
    return (await this.system.app.get(SessionsService).find(session)) !== undefined;
  }

  /** Sends a logout token of one of the two. */
  async logout(claims: JWTPayload, header?: Partial<JWTHeaderParameters>, idp = this.idp): Promise<Response> {
    const token = await idp.sign({ aud: IDP_CLIENT.id, events: LOGOUT, ...claims }, header);
    return this.post(PATHS.backchannelLogout, new URLSearchParams({ logout_token: token }));
  }

  /** Asks for the end of everything of a subject, as Okta does. */
  async revokeAll(subject: unknown, claims: JWTPayload = {}, idp = this.idp): Promise<Response> {
    const aud = this.system.publicUrl + PATHS.globalTokenRevocation;
    const token = await idp.sign({ aud, ...claims }, { typ: 'global-token-revocation+jwt' });
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    return this.post(PATHS.globalTokenRevocation, JSON.stringify({ sub_id: subject }), headers);
  }

  /** Pushes a security event. */
  async push(event: string, subject: unknown, claims: JWTPayload = {}, idp = this.idp): Promise<Response> {
    const token = await idp.sign(
      { aud: AUDIENCE, sub_id: subject, events: { [event]: {} }, ...claims },
      { typ: 'secevent+jwt' },
    );
    return this.pushToken(token);
  }

  async pushToken(token: string, headers: Record<string, string> = {}): Promise<Response> {
    return this.post(PATHS.securityEvents, token, { 'content-type': 'application/secevent+jwt', ...headers });
  }

  async post(path: string, body: string | URLSearchParams, headers: Record<string, string> = {}): Promise<Response> {
    return fetch(this.system.publicUrl + path, { method: 'POST', body, headers });
  }

  /** Lines of `/metrics` that hold a text. */
  async metrics(about: string): Promise<string[]> {
    const { text } = await this.system.app.get(Metrics).exposition();
    return text.split('\n').filter((line) => line.includes(about));
  }

  /** What the audit says of signals, newest first. */
  async records() {
    const audit = this.system.app.get(AuditService);
    return (await audit.search({ type: 'auth.revocation', limit: 200 }, { payloads: true })).entries;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.system[Symbol.asyncDispose]();
    await Promise.all([this.idp.close(), this.other.close()]);
  }
}
