import { decodeJwt } from 'jose';
import { CLIENTS } from '#shared/api/paths.js';
import { freePort } from '../../../../demo/stack/ports.js';
import { ActiveCatalog } from '../../../catalog/active-catalog.js';
import type { Session } from '../../../identity/caller.js';
import { SessionsService } from '../../../identity/sessions/sessions.service.js';
import { startApplication, type TestApplication } from '../../../identity/testing/application.js';
import { AssertingIdp } from '../../../identity/testing/asserting-idp.js';
import { TestClient } from '../../../identity/testing/client.js';
import type { Injection } from '../../injection.js';
import { CredentialsModule } from '../../credentials.module.js';
import { CredentialsService } from '../../credentials.service.js';
import { PersonalCredentialsModule } from '../../personal-credentials.module.js';

/** A company with an IdP whose people call servers that are opened by tokens made from their own sign-ins. */
export class Company implements AsyncDisposable {
  private constructor(
    readonly asserting: AssertingIdp,
    readonly system: TestApplication,
  ) {}

  /** `servers`: as in `mcp-sso.yaml`, told where the IdP is. */
  static async start(
    servers: (idp: AssertingIdp) => object,
    environment: Readonly<Record<string, string>>,
  ): Promise<Company> {
    const port = await freePort();
    const asserting = await AssertingIdp.start(`http://127.0.0.1:${port}/auth/callback`);
    const system = await startApplication({
      port,
      idp: asserting.idp,
      servers: servers(asserting),
      environment,
      settings: { privateNetworks: ['127.0.0.0/8'] },
      modules: [CredentialsModule, PersonalCredentialsModule],
    });
    return new Company(asserting, system);
  }

  get sessions(): SessionsService {
    return this.system.app.get(SessionsService, { strict: false });
  }

  async signIn(login: string): Promise<Session> {
    this.system.idp.users.set(login, { groups: ['engineering'], active: true });
    const client = await TestClient.of(this.system.publicUrl, CLIENTS.admin);
    const { access_token: token } = await client.signIn(login, { scope: 'openid self' });
    const session = await this.sessions.find(String(decodeJwt(token)['sid']));
    if (session) return session;
    throw new Error('not signed in');
  }

  async resolve(server: string, session: Session, tool?: string): Promise<Injection> {
    return this.#resolver().resolve({ server, session, tool });
  }

  async renew(server: string, session: Session, refused: Injection): Promise<Injection | undefined> {
    return this.#resolver().renew({ server, session }, refused);
  }

  async token(server: string, session: Session, tool?: string): Promise<string> {
    return bearerOf(await this.resolve(server, session, tool));
  }

  /** As if the IdP's tokens of a session had run out. */
  async runOut({ id }: Session): Promise<void> {
    const session = await this.sessions.read(id);
    if (!session) throw new Error('no session');
    const past = { value: 'a-token-that-ran-out', expiresAt: Date.now() - 1 };
    const tokens = { givenAt: Date.now() - 300_000, accessToken: past, idToken: past };
    await this.sessions.applyFreshProfile(session, { ...session, ...session.person }, Date.now() - 300_000, tokens);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.system[Symbol.asyncDispose]();
    await this.asserting.idp.close();
  }

  #resolver() {
    const { app } = this.system;
    const { servers } = app.get(ActiveCatalog, { strict: false }).current();
    return app.get(CredentialsService, { strict: false }).at(servers);
  }
}

function bearerOf({ headers }: Injection): string {
  return (headers['authorization'] ?? '').replace(/^Bearer /, '');
}
