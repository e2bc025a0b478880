import { Inject, Injectable, type OnApplicationShutdown, type OnModuleDestroy } from '@nestjs/common';
import { AuthorizationResponseError } from 'openid-client';
import { PATHS } from '#shared/api/paths.js';
import { CodedError } from '#shared/errors.js';
import { AuditService } from '../../audit/audit.service.js';
import type { AuditWriter } from '../../audit/record.js';
import { ActiveCatalog } from '../../catalog/active-catalog.js';
import { RevisionStore } from '../../catalog/revision-store.js';
import { CONFIG } from '../../config/config.module.js';
import type { LoadedConfig } from '../../config/settings.js';
import { guardedFetch } from '../../egress/guarded-fetch.js';
import { Logger } from '../../observability/logger.js';
import { DecisionWaits } from '../../storage/notifications/decision-waits.js';
import { Notifications } from '../../storage/notifications/notifications.js';
import { StorageService } from '../../storage/storage.service.js';
import { chooseCredential } from '../choose-credential.js';
import type { IssuedToken } from '../issued-token.js';
import { secretReaders } from '../secret-source.js';
import type { AnsweredTokens } from './answered-tokens.js';
import { documentAddress } from './client-document.js';
import { ClientIdentity } from './client-identity.js';
import { ConnectingFlow, type Connectable } from './connecting.js';
import { ConnectionAttempts, type ConnectionAttempt } from './connection-attempts.js';
import type {
  AskedConnection,
  Connecting,
  Connection,
  ConnectionCall,
  ConnectionFilter,
  ConnectionNeed,
  ConnectionPlan,
  ConnectionWay,
  EndedBy,
  MadeConnection,
  TokenRequest,
} from './connection.js';
import { makeRecord, requestRecord } from './connection-records.js';
import { ConnectionRequests, refuseRequest, settleRequests } from './connection-requests.js';
import { connectionOf, listConnections, scopesOf, shownConnection, type ConnectionRow } from './connection-rows.js';
import { ConnectionTokenSource } from './connection-tokens.js';
import { DiscoveryFault } from './discovery/discovery-fault.js';
import { Discovery } from './discovery/discovery.js';
import { keepConnection, newConnection } from './keep-connection.js';
import { namedScopes } from './named-scopes.js';
import { RegisteredClients } from './registered-clients.js';
import { reasonOf, refusalBy } from './refusal-by.js';
import type { ScopeWishes } from './requested-scopes.js';
import { endConnection } from './revocation/end-connection.js';
import { madeBy } from './revocation/made-by.js';

/** Accounts that people have at servers, connected by themselves: made, kept, used for their own calls, ended. */
@Injectable()
export class ConnectionsService implements OnModuleDestroy, OnApplicationShutdown {
  readonly #waits: DecisionWaits;
  readonly #requests: ConnectionRequests;
  readonly #registered: RegisteredClients;
  readonly #flow: ConnectingFlow;
  readonly #tokens: ConnectionTokenSource;

  constructor(
    @Inject(CONFIG) config: LoadedConfig,
    @Inject(StorageService) private readonly storage: StorageService,
    @Inject(Notifications) private readonly notifications: Notifications,
    @Inject(AuditService) private readonly audit: AuditWriter,
    @Inject(ActiveCatalog) private readonly catalog: ActiveCatalog,
    @Inject(Logger) private readonly logger: Logger,
  ) {
    const { publicUrl, privateNetworks } = config.settings;
    const fetch = guardedFetch({ privateNetworks });
    const redirectUri = new URL(PATHS.connectCallback, publicUrl).href;
    const discovery = new Discovery(fetch);
    const read = secretReaders(config, storage);
    const registered = new RegisteredClients(storage, fetch, redirectUri);
    const document = documentAddress(publicUrl);
    const clients = new ClientIdentity({ fetch, read, document, registered });
    this.#registered = registered;
    this.#flow = new ConnectingFlow(discovery, clients, new ConnectionAttempts(storage), redirectUri);
    this.#tokens = new ConnectionTokenSource({ storage, audit, logger, discovery, clients, registered });
    this.#requests = new ConnectionRequests(storage);
    this.#waits = new DecisionWaits(() => notifications.current);
    notifications.subscribe('connection', (id) => this.#waits.wake(id));
    notifications.onGap(() => this.#waits.wakeAll());
  }

  /** Before the gateway waits for its calls to end. */
  onModuleDestroy(): void {
    this.#waits.close();
  }

  /** After the last call and before the database closes: calls that were given up leave refreshes behind. */
  async onApplicationShutdown(): Promise<void> {
    await this.#tokens.settled();
  }

  /** For operators: which authorization servers give more than is asked for. */
  get notes(): readonly string[] {
    return this.#tokens.notes;
  }

  /** Somebody has connected an account, here or elsewhere: the listener gets the id of the person, and must not throw. */
  onMade(listener: (person: string) => void): void {
    this.notifications.subscribe('connection-made', listener);
  }

  /** What there is, by server and person, in that order. */
  async list(filter: ConnectionFilter): Promise<readonly Connection[]> {
    return (await listConnections(this.storage.db, filter)).map(shownConnection);
  }

  /** What keeps this person from a server; undefined where nothing does, or it takes no connections of theirs. */
  async need(who: Connecting, server: string, scopes: readonly string[] = []): Promise<ConnectionNeed | undefined> {
    if (this.#settings(who, server) === undefined) return undefined;
    const row = await connectionOf(this.storage.db, who.person.id, server);
    if (row === undefined) return { server, why: 'none' };
    if (row.state !== 'active') return { server, why: 'refused' };
    const granted = scopesOf(row);
    return scopes.every((scope) => granted.includes(scope)) ? undefined : { server, why: 'scopes' };
  }

  /** The servers that take a connection of this person, by id. */
  servers(who: Connecting): readonly string[] {
    return Object.keys(this.catalog.current().servers)
      .filter((server) => this.#settings(who, server) !== undefined)
      .toSorted();
  }

  /** The request for this person and server that is open, or a new one. Throws `rate_limited` and `audit_unavailable`. */
  async ask(call: ConnectionCall): Promise<AskedConnection> {
    const { asked, isNew } = await this.#requests.ask(call, Date.now());
    if (!isNew) return asked;
    try {
      await this.audit.write(requestRecord(asked.id, call));
      return asked;
    } catch (error) {
      // What is not on record was not asked for.
      await this.#requests.forget(asked.id);
      throw error;
    }
  }

  /** A request, whosesoever: whoever shows it compares the person. Undefined where there is none. */
  async look(id: string): Promise<AskedConnection | undefined> {
    return this.#requests.byId(id, Date.now());
  }

  /** The person does not want it. False where it is not theirs, or no longer open. */
  async refuse(id: string, person: string): Promise<boolean> {
    return this.notifications.publish({ topic: 'connection', id }, (transaction) =>
      refuseRequest(transaction, id, person, Date.now()),
    );
  }

  /** Resolves when it is decided, when it is over, or after `milliseconds`. Rejects with the signal's reason. */
  async waitFor(id: string, milliseconds: number, signal: AbortSignal): Promise<void> {
    const isDecided = async (): Promise<boolean> => (await this.look(id))?.state !== 'open';
    await this.#waits.until(id, isDecided, milliseconds, signal);
  }

  /** What the person will be asked for. Throws as `begin`. */
  async plan(who: Connecting, server: string, request: string | null): Promise<ConnectionPlan> {
    const to = this.#connectable(who, server);
    const wishes = await this.#wishes(who, server, request);
    const { source, scopes } = await this.#found(server, () => this.#flow.plan(to, wishes));
    return { server, issuer: source.server.issuer, scopes };
  }

  /**
   * Sends the person to the server's authorization server.
   * @throws CodedError not_found where the server takes no connection of theirs, or the request is not theirs or not open;
   * credential_unavailable where its authorization server can't be found or does not take us.
   */
  async begin(
    who: Connecting,
    server: string,
    { request, browser }: ConnectionWay,
  ): Promise<{ readonly location: string }> {
    const to = this.#connectable(who, server);
    const wishes = await this.#wishes(who, server, request);
    const way = { person: who.person.id, request, browser };
    return { location: await this.#found(server, () => this.#flow.begin(to, way, wishes)) };
  }

  /**
   * Takes the person back from there. `query` is that of the callback, with its `?`.
   * @throws CodedError sign_in_expired where nobody was sent there by it, it was used already, or ten minutes are over;
   * sign_in_failed for another browser, another person, another authorization server, or a person who said no.
   */
  async finish(who: Connecting, query: string, browser: string | undefined): Promise<MadeConnection> {
    const attempt = await this.#flow.attemptOf(query, who.person.id, browser);
    const tokens = await this.#redeemed(who, query, attempt);
    const now = Date.now();
    const row = newConnection(this.storage, attempt, tokens, now);
    const connection = shownConnection(row);
    await this.audit.write(makeRecord(connection, who.person));
    await this.notifications.publishAll(async (transaction) => {
      await keepConnection(transaction, row);
      const settled = await settleRequests(transaction, connection, attempt.request, now);
      const made = { topic: 'connection-made', id: who.person.id } as const;
      return { result: undefined, notices: [made, ...settled.map((id) => ({ topic: 'connection', id }) as const)] };
    });
    return { connection, request: attempt.request };
  }

  /** Ends it: from now on it opens nothing, and its tokens are revoked where they were given. Undefined where there is none. */
  async end(id: string, by: EndedBy): Promise<Connection | undefined> {
    const { storage, audit, logger, catalog } = this;
    const revisions = new RevisionStore(storage, this.notifications);
    const settingsFor = (row: ConnectionRow) => madeBy(row, catalog.latest.servers, revisions);
    return endConnection({ storage, audit, logger, settingsFor }, id, by);
  }

  /**
   * The person's own token for a server.
   * @throws CodedError connection_needed where there is none, or it lacks scopes; connection_refused where the server
   * takes it no more; credential_unavailable where a new one can't be had at the moment.
   */
  async tokenFor(request: TokenRequest): Promise<IssuedToken> {
    return await this.#tokens.tokenFor(request);
  }

  async #redeemed(who: Connecting, query: string, attempt: ConnectionAttempt): Promise<AnsweredTokens> {
    const to = this.#connectable(who, attempt.server);
    try {
      return (await this.#flow.redeem(query, to)).tokens;
    } catch (error) {
      const { request, client, server } = attempt;
      if (request !== null && isRefusedByPerson(error)) await this.refuse(request, who.person.id);
      if (client.kind === 'registered' && refusalBy(error) === 'client') await this.#registered.forget(client.id);
      throw notConnected(server, error);
    }
  }

  /** What a request wants beyond the rest, and what must not be lost by asking again. */
  async #wishes({ person }: Connecting, server: string, request: string | null): Promise<ScopeWishes> {
    const row = await connectionOf(this.storage.db, person.id, server);
    const granted = row === undefined ? [] : scopesOf(row);
    if (request === null) return { more: [], granted };
    const asked = await this.look(request);
    if (asked?.person.id === person.id && asked.server === server && asked.state === 'open') {
      return { more: asked.scopes, granted };
    }
    throw new CodedError('not_found', { message: 'Nothing of yours waits for this connection any more.' });
  }

  async #found<T>(server: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof DiscoveryFault)) throw error;
      throw new CodedError('credential_unavailable', {
        message: 'You cannot connect an account at this server at the moment. Tell your administrator.',
        detail: `servers.${server}.credential: ${error.message}; ${error.fix}`,
        cause: error,
      });
    }
  }

  #connectable(who: Connecting, server: string): Connectable {
    const settings = this.#settings(who, server);
    if (settings !== undefined) return settings;
    throw new CodedError('not_found', { message: 'This server takes no connection of yours.' });
  }

  #settings({ groups }: Pick<Connecting, 'groups'>, server: string): Connectable | undefined {
    const { servers } = this.catalog.current();
    const found = Object.hasOwn(servers, server) ? servers[server] : undefined;
    const credential = found && chooseCredential(found, groups);
    if (found === undefined || credential?.kind !== 'oauth') return undefined;
    return { server, url: found.url, settings: credential, named: namedScopes(found, credential) };
  }
}

function isRefusedByPerson(error: unknown): boolean {
  return error instanceof AuthorizationResponseError && error.error === 'access_denied';
}

function notConnected(server: string, error: unknown): CodedError {
  if (error instanceof CodedError) return error;
  const message = isRefusedByPerson(error)
    ? 'You did not agree, so nothing was connected.'
    : 'The server’s sign-in gave no account that could be connected. Start again from the page, or tell your administrator.';
  return new CodedError('sign_in_failed', { message, detail: `${server}: ${reasonOf(error)}`, cause: error });
}
