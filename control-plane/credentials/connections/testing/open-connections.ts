import { PassThrough } from 'node:stream';
import { PATHS } from '#shared/api/paths.js';
import { TemporaryAudit, type OpenAudit } from '../../../audit/testing/open-audit.js';
import { ActiveCatalog } from '../../../catalog/active-catalog.js';
import { settingsSchema, type LoadedConfig } from '../../../config/settings.js';
import type { CredentialOf } from '../../../config/credential-settings.js';
import { savePerson } from '../../../identity/sessions/persons.js';
import type { Person } from '../../../identity/caller.js';
import { TestBrowser } from '../../../identity/testing/browser.js';
import { Logger } from '../../../observability/logger.js';
import type { Engine } from '../../../storage/engine.js';
import { InProcessNotifications } from '../../../storage/notifications/in-process-notifications.js';
import type { Connecting, MadeConnection, TokenRequest } from '../connection.js';
import { ConnectionsService } from '../connections.service.js';

const PUBLIC_URL = 'http://127.0.0.1:1';
/** What the page gives a browser. */
export const BROWSER = 'b'.repeat(43);

/** Control planes on one database that connect people with servers; one, unless more are opened. */
export class OpenConnections implements AsyncDisposable {
  readonly #open: OpenAudit[] = [];

  private constructor(
    readonly audit: TemporaryAudit,
    private readonly servers: Readonly<Record<string, unknown>>,
    private readonly environment: Readonly<Record<string, string>>,
    private readonly publicUrl: string,
  ) {}

  static async create(
    engine: Engine,
    servers: Readonly<Record<string, unknown>>,
    { environment = {}, publicUrl = PUBLIC_URL }: { environment?: Record<string, string>; publicUrl?: string } = {},
  ): Promise<OpenConnections> {
    return new OpenConnections(await TemporaryAudit.create(engine), servers, environment, publicUrl);
  }

  /** One more control plane on the same database. SQLite has one process, where they share its connection. */
  async replica(): Promise<Replica> {
    const [first] = this.audit.database.engine === 'sqlite' ? this.#open : [];
    const open = first ?? (await this.audit.open());
    this.#open.push(open);
    return new Replica(this.#config(), open);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...new Set(this.#open)].map((open) => open.close()));
    await this.audit[Symbol.asyncDispose]();
  }

  #config(): LoadedConfig {
    const settings = settingsSchema.parse({
      publicUrl: this.publicUrl,
      identity: { providers: { okta: { issuer: 'https://acme.okta.example', clientId: 'c', clientSecret: 'env:S' } } },
      privateNetworks: ['127.0.0.0/8'],
      servers: this.servers,
    });
    const { database } = this.audit.config.settings;
    return { ...this.audit.config, settings: { ...settings, database }, environment: this.environment };
  }
}

/** What one control plane has. */
export class Replica {
  readonly service: ConnectionsService;

  constructor(
    readonly config: LoadedConfig,
    readonly open: OpenAudit,
  ) {
    const notifications = new InProcessNotifications(open.storage.db);
    const logger = new Logger('error', new PassThrough().resume());
    const catalog = ActiveCatalog.of(config);
    this.service = new ConnectionsService(config, open.storage, notifications, open.service, catalog, logger);
  }

  async person(name: string): Promise<Connecting> {
    const profile = { provider: 'okta', issuer: 'https://acme.okta.example', subject: name, email: null, name };
    const person: Person = await savePerson(this.open.storage.db, profile, Date.now());
    return { person, groups: ['okta/engineering'] };
  }

  /** The way of a person's browser, until it comes back: the query with which it does. */
  async visit(who: Connecting, server: string, request: string | null = null): Promise<string> {
    const { location } = await this.service.begin(who, server, { request, browser: BROWSER });
    const page = await new TestBrowser().open(
      location,
      new URL(PATHS.connectCallback, this.config.settings.publicUrl).href,
    );
    if (page.status !== 0) throw new Error(`the authorization server answered ${page.status}: ${page.text}`);
    return page.url.search;
  }

  async connect(who: Connecting, server: string, request: string | null = null): Promise<MadeConnection> {
    return await this.service.finish(who, await this.visit(who, server, request), BROWSER);
  }

  tokenRequest(who: Connecting, server: string): TokenRequest {
    const { url, credential } = this.config.settings.servers[server]!;
    return { person: who.person.id, server, url, settings: credential as CredentialOf<'oauth'> };
  }

  async token(who: Connecting, server: string, more: Partial<TokenRequest> = {}): Promise<string> {
    return (await this.service.tokenFor({ ...this.tokenRequest(who, server), ...more })).value;
  }
}
