import { decodeJwt } from 'jose';
import type { Caller } from '../caller.js';
import { IdentityService } from '../identity.service.js';
import { startApplication, type TestApplication } from './application.js';
import { IDP_CLIENT, TestIdp } from './idp.js';
import { TestIssuer } from './issuer.js';
import { requestToken, TestMachine, type TokenAnswer } from './machine.js';

const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
export const TOKEN_EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange';
const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token';

/** With it the company's IdP tells who has left. */
export const SCIM_TOKEN = 'scim-token-of-the-company-0123456789abcdef';

/** The agent platform that brings assertions of the company's IdP. */
const PLATFORM = { client_id: 'agent-platform', client_secret: 'secret-of-the-platform-0123456789' };

/** A company whose IdP asserts identities, with machines that have keys and machines that run on a platform. */
export class MachineCompany implements AsyncDisposable {
  private constructor(
    readonly system: TestApplication,
    readonly idp: TestIdp,
    /** The platform that runs workloads. */
    readonly issuer: TestIssuer,
    /** Has the key of the accounts `nightly`, `assistant` and `planner`. */
    readonly machine: TestMachine,
  ) {}

  static async start(database?: string): Promise<MachineCompany> {
    const idp = await TestIdp.start({ redirectUri: 'http://127.0.0.1:1/auth/callback' });
    const issuer = await TestIssuer.start();
    const machine = new TestMachine();
    const privateKeyJwt = { publicKey: 'env:MACHINE_KEY' };
    const system = await startApplication({
      idp,
      ...(database === undefined ? {} : { database }),
      environment: { MACHINE_KEY: machine.publicPem, PLATFORM_SECRET: PLATFORM.client_secret, SCIM_TOKEN },
      settings: {
        identity: {
          providers: {
            corp: {
              issuer: idp.issuer,
              clientId: IDP_CLIENT.id,
              clientSecret: 'env:IDP_SECRET',
              scim: { token: 'env:SCIM_TOKEN', groups: 'token' },
              identityAssertions: { clients: { [PLATFORM.client_id]: { clientSecret: 'env:PLATFORM_SECRET' } } },
            },
          },
          serviceAccounts: {
            nightly: { groups: ['service/ci'], privateKeyJwt },
            assistant: { actsForPeople: true, privateKeyJwt },
            planner: { actsForPeople: true, privateKeyJwt },
            deploy: {
              trusted: [
                { issuer: 'github', claims: { sub: 'repo:acme/deploy:ref:refs/heads/main', private: true } },
                { issuer: 'github', claims: { sub: { prefix: 'repo:acme/release:' }, run: 7 } },
              ],
            },
          },
          trustedIssuers: { github: { issuer: issuer.issuer, audience: 'mcp-of-acme' } },
        },
      },
    });
    return new MachineCompany(system, idp, issuer, machine);
  }

  get publicUrl(): string {
    return this.system.publicUrl;
  }

  get mcp(): string {
    return `${this.publicUrl}/mcp`;
  }

  /** An identity assertion of alice, as it should be but for the changes; a claim that is undefined is left out. */
  async assertion(claims: object = {}, header: object = {}): Promise<string> {
    const now = Math.floor(Date.now() / 1000);
    const whole = {
      sub: 'alice',
      aud: this.publicUrl,
      client_id: PLATFORM.client_id,
      resource: this.mcp,
      scope: 'mcp',
    };
    return this.idp.sign({ ...whole, exp: now + 300, ...claims }, { typ: 'oauth-id-jag+jwt', ...header });
  }

  async bring(assertion: string, form: Record<string, string> = {}, dpop?: string): Promise<TokenAnswer> {
    return this.ask({ grant_type: JWT_BEARER, assertion, ...PLATFORM, ...form }, dpop);
  }

  /** A token of a service account with a key. */
  async service(name: string, form: Record<string, string> = {}, claims: object = {}): Promise<TokenAnswer> {
    const client = await this.machine.authentication(`service/${name}`, this.publicUrl, claims);
    return this.ask({ grant_type: 'client_credentials', ...client, ...form });
  }

  /** A token for the workload `deploy`. */
  async workload(assertion: string, form: Record<string, string> = {}): Promise<TokenAnswer> {
    return this.ask({ grant_type: JWT_BEARER, client_id: 'service/deploy', assertion, ...form });
  }

  /** The account `name` asks to act for whom the token is of. */
  async exchange(
    name: string,
    subjectToken: string,
    form: Record<string, string> = {},
    dpop?: string,
  ): Promise<TokenAnswer> {
    const actor = await this.service(name);
    const client = await this.machine.authentication(`service/${name}`, this.publicUrl);
    const types = { subject_token_type: ACCESS_TOKEN, actor_token_type: ACCESS_TOKEN };
    const tokens = { subject_token: subjectToken, actor_token: actor.access_token ?? '' };
    return this.ask({ grant_type: TOKEN_EXCHANGE, ...client, ...types, ...tokens, ...form }, dpop);
  }

  /** Who a bearer of the token is at `/mcp`; rejects as the gateway would refuse. */
  async caller(token: string | undefined, audience = this.mcp): Promise<Caller> {
    const identity = this.system.app.get(IdentityService);
    const authorization = [`Bearer ${token ?? ''}`];
    return identity.identify({ method: 'POST', url: audience, authorization, dpop: [], audiences: [audience] });
  }

  /** Ends the session behind a token. */
  async end(token: string): Promise<void> {
    await this.system.app.get(IdentityService).endSession(this.sessionOf(token), 'kill-switch');
  }

  sessionOf(token: string | undefined): string {
    return String(decodeJwt(token ?? '')['sid']);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.system[Symbol.asyncDispose]();
    await this.issuer[Symbol.asyncDispose]();
    await this.idp.close();
  }

  private async ask(form: Record<string, string>, dpop?: string): Promise<TokenAnswer> {
    return requestToken(this.publicUrl, form, dpop === undefined ? {} : { dpop });
  }
}
