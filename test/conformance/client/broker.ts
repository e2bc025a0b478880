// The client under test of a scenario: the SDK's, with the tokens of our broker's connections in place of its own. Its
// last argument is the server's address; whoever is sent to an authorization server is redirected without a question.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { ActiveCatalog } from '../../../control-plane/catalog/active-catalog.js';
import { settingsSchema } from '../../../control-plane/config/settings.js';
import type { CredentialOf } from '../../../control-plane/config/credential-settings.js';
import type { Connecting } from '../../../control-plane/credentials/connections/connection.js';
import { ConnectionsService } from '../../../control-plane/credentials/connections/connections.service.js';
import { protectedResource } from '../../../control-plane/credentials/connections/discovery/protected-resource.js';
import { bearerChallenge } from '../../../control-plane/egress/bearer-challenge.js';
import { guardedFetch } from '../../../control-plane/egress/guarded-fetch.js';
import { savePerson } from '../../../control-plane/identity/sessions/persons.js';
import { Logger } from '../../../control-plane/observability/logger.js';
import { InProcessNotifications } from '../../../control-plane/storage/notifications/in-process-notifications.js';
import { openDatabase } from '../../../control-plane/storage/open-database.js';
import { StorageService } from '../../../control-plane/storage/storage.service.js';
import type { KnownClient } from './person.js';
import { useEverything, type WantedCalls } from './everything.js';

const MODERN = '2026-07-28';
const LOOPBACK = ['127.0.0.0/8', '::1/128'];
const BROWSER = 'b'.repeat(43);
/** Times that one request may lead to an authorization server, the later ones for more scopes. */
const MAX_SIGN_INS = 2;

const { MCP_CONFORMANCE_PROTOCOL_VERSION: version, MCP_CONFORMANCE_CONTEXT: context } = process.env;

async function run(url: string): Promise<void> {
  const given = context === undefined ? {} : (JSON.parse(context) as Partial<KnownClient> & WantedCalls);
  const directory = mkdtempSync(join(tmpdir(), 'mcp-sso-conformance-broker-'));
  const broker = await Broker.open(url, given, directory);
  try {
    await useServer(url, given, broker);
  } finally {
    await broker.storage.onApplicationShutdown();
    rmSync(directory, { recursive: true });
  }
}

async function useServer(url: string, wanted: WantedCalls, broker: Broker): Promise<void> {
  const client = new Client(
    { name: 'conformance-driver', version: '1.0.0' },
    { versionNegotiation: { mode: version === MODERN ? { pin: MODERN } : 'legacy' } },
  );
  await client.connect(
    new StreamableHTTPClientTransport(new URL(url), { fetch: (address, init) => broker.fetch(address, init) }),
  );
  await useEverything(client, wanted, (work) => work());
  await client.close();
}

/** What the gateway does with a person's connection, without the gateway: the connections' service itself. */
class Broker {
  private constructor(
    readonly storage: StorageService,
    private readonly service: ConnectionsService,
    private readonly who: Connecting,
    private readonly server: { readonly url: string; readonly settings: CredentialOf<'oauth'> },
  ) {}

  static async open(url: string, known: Partial<KnownClient>, directory: string): Promise<Broker> {
    const { client_id: clientId, client_secret: secret } = known;
    const credential = {
      kind: 'oauth',
      ...(clientId === undefined ? {} : { clientId }),
      ...(secret === undefined ? {} : { clientSecret: 'env:SECRET', issuer: await issuerOf(url) }),
    };
    const settings = settingsSchema.parse({
      publicUrl: 'https://conformance-test.local',
      identity: { providers: {} },
      privateNetworks: LOOPBACK,
      servers: { suite: { url, credential } },
    });
    const masterKey = Buffer.alloc(32, 7);
    const config = { directory, settings, policyFiles: [], masterKey, environment: { SECRET: secret } };
    const storage = new StorageService(await openDatabase('sqlite:./broker.db', directory), masterKey);
    const service = new ConnectionsService(
      config,
      storage,
      new InProcessNotifications(storage.db),
      { write: () => Promise.resolve({ id: '' }) },
      ActiveCatalog.of(config),
      new Logger('error', new PassThrough().resume()),
    );
    const profile = { provider: 'p', issuer: 'https://idp.example', subject: 's', email: null, name: null };
    const who = { person: await savePerson(storage.db, profile, Date.now()), groups: [] };
    const settingsOf = settings.servers['suite']!.credential as CredentialOf<'oauth'>;
    return new Broker(storage, service, who, { url, settings: settingsOf });
  }

  /** A request with the person's token; where the server wants another one, they connect, and it is made once more. */
  async fetch(address: string | URL, init: RequestInit = {}): Promise<Response> {
    let refused: string | undefined;
    for (let signIns = 0; ; signIns += 1) {
      const token = await this.#token(refused);
      const headers = new Headers(init.headers);
      if (token !== undefined) headers.set('authorization', `Bearer ${token}`);
      const answer = await fetch(address, { ...init, headers });
      if (signIns === MAX_SIGN_INS || (answer.status !== 401 && answer.status !== 403)) return answer;
      const challenge = bearerChallenge(answer.headers.get('www-authenticate') ?? undefined);
      if (answer.status === 403 && !(await this.#lacks(challenge.scopes))) return answer;
      await answer.body?.cancel();
      if (answer.status === 401 && token !== undefined) refused = token;
      if (answer.status === 403 || (await this.#token(refused)) === undefined) await this.#connect(challenge.scopes);
    }
  }

  /** As the gateway has it: nobody is asked once more for what the connection has already. */
  async #lacks(scopes: readonly string[]): Promise<boolean> {
    return (await this.service.need(this.who, 'suite', scopes)) !== undefined;
  }

  async #token(refused: string | undefined): Promise<string | undefined> {
    const request = { person: this.who.person.id, server: 'suite', ...this.server, refused };
    try {
      return (await this.service.tokenFor(request)).value;
    } catch {
      return undefined;
    }
  }

  async #connect(scopes: readonly string[] = []): Promise<void> {
    const { person } = this.who;
    const asked = await this.service.ask({ person, session: null, server: 'suite', by: null, scopes });
    const way = { request: asked.id, browser: BROWSER };
    const { location } = await this.service.begin(this.who, 'suite', way);
    const { headers } = await fetch(location, { redirect: 'manual' });
    const back = URL.parse(headers.get('location') ?? '')?.search ?? '';
    await this.service.finish(this.who, back, BROWSER);
  }
}

/** Whose secret it is says the scenario's server alone; whoever runs ours has to write it down. */
async function issuerOf(url: string): Promise<string | undefined> {
  const [issuer] = (await protectedResource(guardedFetch({ privateNetworks: LOOPBACK }), url)).authorizationServers;
  return issuer;
}

run(process.argv.at(-1) ?? '').catch((error: unknown) => {
  const { detail = '' } = error as { readonly detail?: string };
  process.stderr.write(`${String(error)} ${detail}\n`);
  process.exitCode = 1;
});
