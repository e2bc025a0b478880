import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { createApp } from '../../control-plane/app.js';
import { CatalogService } from '../../control-plane/catalog/catalog.service.js';
import { settingsSchema, type LoadedConfig } from '../../control-plane/config/settings.js';
import {
  sendJson,
  sendResult,
  textResult,
  UpstreamServer,
} from '../../control-plane/gateway/testing/upstream-server.js';
import { TestBrowser, type Page } from '../../control-plane/identity/testing/browser.js';
import { TestClient, type Tokens } from '../../control-plane/identity/testing/client.js';
import { IDP_CLIENT, TestIdp } from '../../control-plane/identity/testing/idp.js';
import { StorageService } from '../../control-plane/storage/storage.service.js';
import { freePort } from '../../demo/stack/ports.js';

const POLICIES = `
@id("crm-for-engineering") @reason("Engineering uses the CRM.")
permit(principal in Mcp::Group::"corp/engineering", action, resource in Mcp::Server::"crm");
@id("deleting-needs-a-lead") @reason("Deleting needs a second person.") @require_approval("corp/leads")
forbid(principal, action == Mcp::Action::"crm/delete", resource);
`;

/** Somebody whose client is signed in at the control plane. */
export interface Member {
  readonly client: TestClient;
  readonly tokens: Tokens;
}

/**
 * The whole control plane in this process, an identity provider, and behind it an MCP server (2026-07-28) that lets everybody in
 * by their own account at an authorization server of its own.
 */
export class AccountsCompany implements AsyncDisposable {
  readonly #wants: Wants;

  private constructor(
    readonly app: NestFastifyApplication,
    readonly publicUrl: string,
    readonly idp: TestIdp,
    /** The authorization server of the MCP server. */
    readonly accounts: TestIdp,
    readonly upstream: UpstreamServer,
    private readonly directory: string,
    wants: Wants,
  ) {
    this.#wants = wants;
  }

  static async start(): Promise<AccountsCompany> {
    const publicUrl = `http://127.0.0.1:${await freePort()}`;
    const idp = await TestIdp.start({ redirectUri: `${publicUrl}/auth/callback` });
    const accounts = await TestIdp.start({ redirectUri: `${publicUrl}/connect/callback` });
    for (const name of ['alice', 'bob']) idp.users.set(name, { name, groups: ['engineering'], active: true });
    idp.users.set('carol', { name: 'carol', groups: [], active: true });
    for (const name of ['alice-at-crm', 'bob-at-crm']) accounts.users.set(name, { name, active: true });
    const wants: Wants = { scope: undefined };
    const upstream = await ownAccountServer(accounts, wants);
    const directory = await mkdtemp(join(tmpdir(), 'mcp-sso-accounts-'));
    const config = configOf(directory, publicUrl, { idp, accounts, upstream });
    const app = await createApp(config);
    await app.get(CatalogService).start({ ...config.settings, policyFiles: config.policyFiles });
    await app.listen(Number(new URL(publicUrl).port), '127.0.0.1');
    return new AccountsCompany(app, publicUrl, idp, accounts, upstream, directory, wants);
  }

  /** From now on, calls without this scope are refused by the server (RFC 6750 §3.1); undefined for none. */
  want(scope: string | undefined): void {
    this.#wants.scope = scope;
  }

  get storage(): StorageService {
    return this.app.get(StorageService, { strict: false });
  }

  /** The accounts by which calls have reached the server, oldest first. */
  readonly calls = (): unknown[] =>
    this.upstream.calls().flatMap(({ message }) => (message.method === 'tools/call' ? [message.params?.['name']] : []));

  async signIn(login: string): Promise<Member> {
    const client = await TestClient.of(this.publicUrl);
    return { client, tokens: await client.signIn(login, { deviceName: `${login}-laptop` }) };
  }

  /** Opens a page in a browser, and signs in there as somebody where it asks for that. */
  async visit(
    address: string,
    login: string,
    browser = new TestBrowser(),
  ): Promise<{ browser: TestBrowser; page: Page }> {
    const first = await browser.open(address);
    const link = /href="([^"]*sign-in[^"]*)"/.exec(first.text)?.[1]?.replaceAll('&amp;', '&');
    if (link === undefined) return { browser, page: first };
    const form = await browser.open(new URL(link, this.publicUrl));
    return { browser, page: await browser.submit(form, { login }) };
  }

  /** Presses `Connect`, and resolves with the address at the authorization server that the browser is led to. */
  async leave(browser: TestBrowser, page: Page): Promise<string> {
    return addressAway(await browser.submit(page, { decision: 'connect' }));
  }

  /** From the page that leads away to the one after the authorization server. */
  async throughAccount(browser: TestBrowser, leaving: Page, account: string): Promise<Page> {
    return browser.submit(await browser.open(addressAway(leaving)), { login: account });
  }

  /** The whole way of a person: their sign-in, the page, the authorization server, and back. */
  async connect(address: string, login: string, account = `${login}-at-crm`): Promise<Page> {
    const { browser, page } = await this.visit(address, login);
    return this.throughAccount(browser, await browser.submit(page, { decision: 'connect' }), account);
  }

  async forgetConnections(): Promise<void> {
    for (const table of ['connections', 'connection_requests', 'connection_attempts'] as const) {
      await this.storage.db.deleteFrom(table).execute();
    }
    this.upstream.seen.length = 0;
  }

  /** Type, decision and code of each record about this server, oldest first. */
  async records(): Promise<string[]> {
    const rows = await this.storage.db.selectFrom('audit_records').select('header').orderBy('idx').execute();
    return rows
      .map(({ header }) => JSON.parse(header) as { type: string; facts: Record<string, unknown> })
      .filter(({ facts }) => facts['server'] === 'crm')
      .map(({ type, facts }) =>
        [type, facts['decision'], facts['code']].filter((part) => typeof part === 'string').join(' '),
      );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.app.getHttpServer().closeAllConnections();
    await this.app.close();
    await this.upstream[Symbol.asyncDispose]();
    await Promise.all([this.idp.close(), this.accounts.close()]);
    await rm(this.directory, { recursive: true });
  }
}

function addressAway({ text }: Page): string {
  return /class="choice" href="([^"]*)"/.exec(text)?.[1]?.replaceAll('&amp;', '&') ?? text;
}

/** What the server lets calls in by, beside the account. */
interface Wants {
  scope: string | undefined;
}

interface Around {
  readonly idp: TestIdp;
  readonly accounts: TestIdp;
  readonly upstream: UpstreamServer;
}

function configOf(directory: string, publicUrl: string, { idp, accounts, upstream }: Around): LoadedConfig {
  const client = { clientId: IDP_CLIENT.id, clientSecret: 'env:CLIENT_SECRET' };
  const account = { ...client, issuer: accounts.issuer };
  const credential = { kind: 'oauth', ...account, resource: 'none' };
  const settings = settingsSchema.parse({
    publicUrl,
    database: 'sqlite:./test.db',
    logLevel: 'error',
    privateNetworks: ['127.0.0.0/8'],
    identity: { providers: { corp: { issuer: idp.issuer, ...client } } },
    servers: {
      crm: { title: 'Customers', url: upstream.url, credential, tools: { whoami: { effect: 'read' }, delete: {} } },
    },
  });
  return {
    directory,
    settings,
    policyFiles: [{ file: 'policies/test.cedar', text: POLICIES }],
    masterKey: Buffer.alloc(32, 3),
    environment: { CLIENT_SECRET: IDP_CLIENT.secret, ACCOUNTS: accounts.issuer },
  };
}

/** Its tool `whoami` says by which account it was called; without a token of its authorization server nothing is said (RFC 9728). */
async function ownAccountServer({ issuer, provider }: TestIdp, wants: Wants): Promise<UpstreamServer> {
  const server: UpstreamServer = await UpstreamServer.open(async (request, response) => {
    const { origin } = new URL(server.url);
    if (request.url === '/.well-known/oauth-protected-resource/mcp') {
      const scopes = ['openid', 'offline_access'];
      return sendJson(response, 200, {
        resource: server.url,
        authorization_servers: [issuer],
        scopes_supported: scopes,
      });
    }
    const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1];
    const found = token === undefined ? undefined : await provider.AccessToken.find(token);
    const account = found?.accountId;
    if (account === undefined) {
      const metadata = `${origin}/.well-known/oauth-protected-resource/mcp`;
      return sendJson(response, 401, {}, { 'www-authenticate': `Bearer resource_metadata="${metadata}"` });
    }
    const { method, id } = request.message;
    const rest = { ttlMs: 0, cacheScope: 'private', resultType: 'complete' };
    if (method === 'server/discover') {
      return sendResult(response, request, { ...rest, supportedVersions: ['2026-07-28'], capabilities: { tools: {} } });
    }
    if (method === 'tools/list') {
      const tools = [{ name: 'whoami', description: 'Says who you are.', inputSchema: { type: 'object' } }];
      return sendResult(response, request, { ...rest, tools });
    }
    if (method === 'tools/call' && wants.scope !== undefined && found?.scopes.has(wants.scope) !== true) {
      const challenge = `Bearer error="insufficient_scope", scope="${wants.scope}"`;
      return sendJson(response, 403, {}, { 'www-authenticate': challenge });
    }
    if (method === 'tools/call') return sendResult(response, request, textResult(`you are ${account}`));
    return sendJson(response, 404, { jsonrpc: '2.0', id, error: { code: -32601, message: 'no' } });
  });
  return server;
}
