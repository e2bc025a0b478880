import { Inject, Injectable, type OnModuleDestroy } from '@nestjs/common';
import { CodedError } from '#shared/errors.js';
import { AuditService } from '../../audit/audit.service.js';
import type { AuditWriter } from '../../audit/record.js';
import { ActiveCatalog } from '../../catalog/active-catalog.js';
import type { CredentialOf } from '../../config/credential-settings.js';
import type { ServerSettings } from '../../config/settings.js';
import { DecisionWaits } from '../../storage/notifications/decision-waits.js';
import { Notifications } from '../../storage/notifications/notifications.js';
import { StorageService } from '../../storage/storage.service.js';
import { chooseCredential } from '../choose-credential.js';
import type { IssuedToken } from '../issued-token.js';
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
import { endRecord, requestRecord } from './connection-records.js';
import { ConnectionRequests, refuseRequest } from './connection-requests.js';
import {
  connectionById,
  connectionOf,
  listConnections,
  noteUse,
  scopesOf,
  shownConnection,
  takeConnection,
} from './connection-rows.js';
import { openTokens } from './sealed-connection.js';

/** Accounts that people have at servers, connected by themselves: made, kept, used for their own calls, ended. */
@Injectable()
export class ConnectionsService implements OnModuleDestroy {
  readonly #waits: DecisionWaits;
  readonly #requests: ConnectionRequests;

  constructor(
    @Inject(StorageService) private readonly storage: StorageService,
    @Inject(Notifications) private readonly notifications: Notifications,
    @Inject(AuditService) private readonly audit: AuditWriter,
    @Inject(ActiveCatalog) private readonly catalog: ActiveCatalog,
  ) {
    this.#requests = new ConnectionRequests(storage);
    this.#waits = new DecisionWaits(() => notifications.current);
    notifications.subscribe('connection', (id) => this.#waits.wake(id));
    notifications.onGap(() => this.#waits.wakeAll());
  }

  /** Before the gateway waits for its calls to end. */
  onModuleDestroy(): void {
    this.#waits.close();
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
  plan(who: Connecting, server: string, request: string | null): Promise<ConnectionPlan> {
    return Promise.reject(
      new CodedError('credential_unavailable', { detail: [who.person.id, server, request].join() }),
    );
  }

  /**
   * Sends the person to the server's authorization server.
   * @throws CodedError not_found where the server takes no connection of theirs, or the request is not theirs or not open;
   * credential_unavailable where its authorization server can't be found or does not take us.
   */
  begin(who: Connecting, server: string, way: ConnectionWay): Promise<{ readonly location: string }> {
    return Promise.reject(
      new CodedError('credential_unavailable', { detail: [who.person.id, server, way.request].join() }),
    );
  }

  /**
   * Takes the person back from there. `query` is that of the callback, with its `?`.
   * @throws CodedError sign_in_expired where nobody was sent there by it, it was used already, or ten minutes are over;
   * sign_in_failed for another browser, another person, another authorization server, or a person who said no.
   */
  finish(who: Connecting, query: string, browser: string | undefined): Promise<MadeConnection> {
    return Promise.reject(
      new CodedError('sign_in_expired', { detail: [who.person.id, query.length, browser?.length].join() }),
    );
  }

  /** Ends it: from now on it opens nothing. Undefined where there is none. */
  async end(id: string, by: EndedBy): Promise<Connection | undefined> {
    const row = await connectionById(this.storage.db, id);
    if (row === undefined) return undefined;
    await this.audit.write(endRecord(shownConnection(row), by));
    const taken = await takeConnection(this.storage.db, id);
    return taken && shownConnection(taken);
  }

  /**
   * The person's own token for a server.
   * @throws CodedError connection_needed where there is none, or it lacks scopes; connection_refused where the server
   * takes it no more; credential_unavailable where a new one can't be had at the moment.
   */
  async tokenFor({ person, server }: TokenRequest): Promise<IssuedToken> {
    const row = await connectionOf(this.storage.db, person, server);
    if (row === undefined) throw new CodedError('connection_needed');
    if (row.state !== 'active') throw new CodedError('connection_refused');
    const { accessToken, refreshToken } = openTokens(this.storage, row);
    await noteUse(this.storage.db, row, Date.now());
    const secrets = [accessToken, ...(refreshToken === null ? [] : [refreshToken])];
    return { value: accessToken, expiresAt: row.expires_at ?? undefined, secrets };
  }

  #settings({ groups }: Pick<Connecting, 'groups'>, server: string): Connectable | undefined {
    const { servers } = this.catalog.current();
    const settings = Object.hasOwn(servers, server) ? servers[server] : undefined;
    const credential = settings && chooseCredential(settings, groups);
    return settings && credential?.kind === 'oauth' ? { settings, credential } : undefined;
  }
}

/** A server that takes connections. */
interface Connectable {
  readonly settings: ServerSettings;
  readonly credential: CredentialOf<'oauth'>;
}
