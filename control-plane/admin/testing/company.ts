import { CLIENTS, SCOPES } from '#shared/api/paths.js';
import { DefinitionsModule } from '../../policy/definitions/definitions.module.js';
import { CATALOG_VALIDATION } from '../../catalog-validation.js';
import { CatalogModule } from '../../catalog/catalog.module.js';
import { CatalogService } from '../../catalog/catalog.service.js';
import { CONFIG } from '../../config/config.module.js';
import type { LoadedConfig } from '../../config/settings.js';
import { startApplication, type TestApplication } from '../../identity/testing/application.js';
import { TestClient, type Tokens } from '../../identity/testing/client.js';
import { ConnectionRevocationModule } from '../../credentials/connections/revocation/connection-revocation.module.js';
import { AdminModule } from '../admin.module.js';

const ROLES = ['owner', 'admin', 'author', 'approver', 'auditor', 'helpdesk'] as const;
const EVERY_SCOPE = ['openid', ...Object.values(SCOPES).filter((scope) => scope !== SCOPES.mcp)].join(' ');

interface Answer {
  readonly status: number;
  readonly body: unknown;
  readonly challenge: string;
}

/** One sign-in, and requests made with it. */
export interface SignedIn {
  readonly client: TestClient;
  readonly tokens: Tokens;
  readonly person: string;
  readonly session: string;
  ask(method: string, path: string, headers?: Record<string, string>, body?: unknown): Promise<Answer>;
}

/** The admin API for real, in a company where each role has a group of its name and alice and bob have none. */
export class Company implements AsyncDisposable {
  private constructor(readonly system: TestApplication) {}

  static async start(
    settings: Readonly<Record<string, unknown>> = {},
    environment: Readonly<Record<string, string>> = {},
    clients: Readonly<Record<string, unknown>> = {},
  ): Promise<Company> {
    const roles = Object.fromEntries(ROLES.map((role) => [role, [`corp/${role}`]]));
    const modules = [
      CatalogModule.of(CATALOG_VALIDATION, [DefinitionsModule]),
      AdminModule,
      ConnectionRevocationModule,
    ];
    const company = new Company(await startApplication({ modules, roles, settings, environment, clients }));
    const { app } = company.system;
    const config = app.get<LoadedConfig>(CONFIG);
    await app.get(CatalogService).start({ ...config.settings, policyFiles: config.policyFiles });
    for (const name of ['alice', 'bob', ...ROLES]) company.hire(name);
    return company;
  }

  /** Without `signedInAt` (epoch seconds) the IdP asks anew at each sign-in. */
  hire(name: string, signedInAt?: number): void {
    const groups = (ROLES as readonly string[]).includes(name) ? [name] : [];
    const more = signedInAt === undefined ? {} : { signedInAt };
    this.system.idp.users.set(name, { email: `${name}@corp.test`, name, groups, active: true, ...more });
  }

  /** Signs in for administration; with a new proof of who it is unless `fresh` is false. */
  async administer(name: string, { scope = EVERY_SCOPE, fresh = true } = {}): Promise<SignedIn> {
    const client = await TestClient.of(this.system.publicUrl, CLIENTS.admin);
    return this.#signedIn(client, name, { scope, ...(fresh ? { extra: { max_age: '600', prompt: 'login' } } : {}) });
  }

  /** Signs in as the bridge does. */
  async bridge(name: string): Promise<SignedIn> {
    return this.#signedIn(await TestClient.of(this.system.publicUrl), name, { deviceName: `${name}-laptop` });
  }

  async #signedIn(client: TestClient, name: string, options: Parameters<TestClient['signIn']>[1]): Promise<SignedIn> {
    const tokens = await client.signIn(name, options);
    const { sub, sid } = JSON.parse(Buffer.from(tokens.access_token.split('.')[1]!, 'base64url').toString()) as {
      sub: string;
      sid: string;
    };
    const { publicUrl } = this.system;
    const ask: SignedIn['ask'] = async (method, path, headers, body) => {
      const json = body === undefined ? undefined : JSON.stringify(body);
      const all = new Headers({ ...(json === undefined ? {} : { 'content-type': 'application/json' }), ...headers });
      const answer = await client.fetch(publicUrl + path, tokens.access_token, method, all, json);
      const challenge = answer.headers.get('www-authenticate') ?? '';
      return { status: answer.status, body: await answer.json(), challenge };
    };
    return { client, tokens, person: sub, session: sid, ask };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.system[Symbol.asyncDispose]();
  }
}
