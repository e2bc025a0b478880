import { setTimeout as delay } from 'node:timers/promises';
import * as oidc from 'openid-client';
import { CodedError, errorText } from '#shared/errors.js';
import type { AuditWriter } from '../../audit/record.js';
import { shown, type Logger } from '../../observability/logger.js';
import type { StorageService } from '../../storage/storage.service.js';
import type { IssuedToken } from '../issued-token.js';
import { answeredTokens, type AnsweredTokens } from './answered-tokens.js';
import type { ClientIdentity } from './client-identity.js';
import type { TokenRequest } from './connection.js';
import { refreshRecord, refuseRecord } from './connection-records.js';
import { connectionOf, noteUse, scopesOf, shownConnection, type ConnectionRow } from './connection-rows.js';
import { DiscoveryFault } from './discovery/discovery-fault.js';
import type { Discovery } from './discovery/discovery.js';
import { heldAccess, isAlive, isFresh, isWider, narrowScopes, withRefreshed, withWider } from './held-access.js';
import { giveBackRefresh, refuseConnection, takeRefresh } from './keep-connection.js';
import type { RegisteredClients } from './registered-clients.js';
import { reasonOf, refusalBy } from './refusal-by.js';
import { resourceParameter } from './resource-parameter.js';
import { openTokens, type AccessToken, type ConnectionTokens } from './sealed-connection.js';
import { revokeUnkept } from './revocation/end-connection.js';
import { UnkeptTokens } from './unkept-tokens.js';
import { WideAnswers, wideReason } from './wide-answers.js';

/** Milliseconds for which one control plane has the sole right to refresh: longer than its request may take. */
const LEASE = 20_000;
/** Milliseconds that a call waits for a token: a whole lease, so that it outlives a control plane that was killed. */
const WAIT = 25_000;
const LOOK_EVERY = 100;
/** Milliseconds without another try where the authorization server did not answer. */
const PAUSE = 5_000;
/** Connections of which it is known that they give no narrower tokens. */
const MAX_BROAD = 10_000;

interface Parts {
  readonly storage: StorageService;
  readonly audit: AuditWriter;
  readonly logger: Logger;
  readonly discovery: Discovery;
  readonly clients: ClientIdentity;
  readonly registered: RegisteredClients;
}

/** One look at a connection for a request. */
interface Held {
  readonly row: ConnectionRow;
  readonly tokens: ConnectionTokens;
  /** Of a narrower token; undefined for all that was granted. */
  readonly scopes: readonly string[] | undefined;
  readonly access: AccessToken | undefined;
}

/** Gives the tokens of connections to calls, and renews them: once for all calls, on all replicas. */
export class ConnectionTokenSource {
  readonly #running = new Map<string, Promise<IssuedToken>>();
  /** Refreshes that have left, whose answers are not kept yet. */
  readonly #left = new Set<Promise<unknown>>();
  readonly #broad = new Set<string>();
  readonly #wide = new WideAnswers();
  readonly #unkept: UnkeptTokens;

  constructor(private readonly parts: Parts) {
    this.#unkept = new UnkeptTokens(parts.storage);
  }

  /** For operators: which authorization servers give more than is asked for. */
  get notes(): readonly string[] {
    return this.#wide.notes(Date.now());
  }

  /** As `ConnectionsService.tokenFor`. */
  async tokenFor(request: TokenRequest): Promise<IssuedToken> {
    const held = await this.#look(request);
    if (held.access && isFresh(held.access, Date.now())) return await this.#given(held, held.access);
    const key = JSON.stringify([held.row.id, held.scopes, request.refused]);
    const running = this.#running.get(key) ?? this.#renewed(request).finally(() => this.#running.delete(key));
    this.#running.set(key, running);
    return await running;
  }

  /** Resolves when no answer of an authorization server is on its way to the database: what is asked ends in 10 s. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#left);
  }

  async #renewed(request: TokenRequest): Promise<IssuedToken> {
    const end = performance.now() + WAIT;
    for (;;) {
      const held = await this.#look(request);
      const { access, tokens } = held;
      if (access && isFresh(access, Date.now())) return await this.#given(held, access);
      const refreshed = tokens.refreshToken === null ? undefined : await this.#refreshed(held, request);
      if (refreshed) return await this.#given(held, refreshed);
      // Somebody else is at it, or nobody can be.
      if (access && isAlive(access, Date.now())) return await this.#given(held, access);
      if (tokens.refreshToken === null)
        throw await this.#refuse(held, 'no refresh token, and the access token has ended');
      if (performance.now() >= end) throw unavailable(request.server, 'another control plane was to renew the token');
      await delay(LOOK_EVERY);
    }
  }

  async #look(request: TokenRequest): Promise<Held> {
    const { storage } = this.parts;
    const found = await connectionOf(storage.db, request.person, request.server);
    if (found === undefined) throw new CodedError('connection_needed');
    if (found.state !== 'active') throw new CodedError('connection_refused');
    const row = await this.#unkept.kept(found);
    const tokens = this.#opened(row);
    // What was given for another address is not shown to this one.
    if (tokens.url !== (request.url ?? null)) throw new CodedError('connection_needed');
    const granted = scopesOf(row);
    requireGranted(request, granted);
    const scopes = this.#broad.has(row.id) || tokens.refreshToken === null ? undefined : narrowScopes(request, granted);
    return { row, tokens, scopes, access: heldAccess(tokens, scopes, request.refused) };
  }

  /** Undefined where another is at it, or the next look says more. */
  async #refreshed(held: Held, request: TokenRequest): Promise<AccessToken | undefined> {
    const { row, tokens, scopes, access } = held;
    const isOutlived = access !== undefined && isAlive(access, Date.now());
    if (scopes !== undefined && !isOutlived && this.#wide.isRecent(row.id, scopes, Date.now())) {
      throw unavailable(request.server, wideReason(scopes));
    }
    const configuration = await this.#configuration(row, tokens, request);
    if (configuration instanceof DiscoveryFault) {
      if (isOutlived) return access;
      throw unavailable(request.server, `${configuration.message}; ${configuration.fix}`);
    }
    const now = Date.now();
    if (!(await takeRefresh(this.parts.storage, row, now, now + LEASE))) return undefined;
    const exchange = this.#exchanged(held, request, configuration);
    this.#left.add(exchange);
    return await exchange.finally(() => this.#left.delete(exchange));
  }

  /** Between the answer and the row nothing is awaited: a process that is killed there loses a token that was rotated. */
  async #exchanged(
    held: Held,
    request: TokenRequest,
    configuration: oidc.Configuration,
  ): Promise<AccessToken | undefined> {
    const { row, tokens, scopes } = held;
    try {
      const answer = await this.#asked(configuration, held);
      const isTooMuch = isWider(answer.scopes, scopes);
      const next = isTooMuch
        ? withWider(tokens, scopesOf(row), answer)
        : withRefreshed(tokens, scopes, answer, answer.refreshToken);
      if (!(await this.#unkept.keep(row, next))) {
        await revokeUnkept(this.parts, row, next, request.settings);
        return undefined;
      }
      await this.parts.audit.write(refreshRecord(shownConnection(row)));
      if (isTooMuch) throw this.#tooWide(row, scopes ?? []);
      if (scopes !== undefined) this.#wide.forget(row.id, scopes);
      return answer;
    } catch (error) {
      if (error instanceof CodedError) throw error;
      return await this.#failed(held, request, error);
    }
  }

  async #asked(configuration: oidc.Configuration, { row, tokens, scopes }: Held): Promise<AnsweredTokens> {
    const answer = await oidc.refreshTokenGrant(configuration, tokens.refreshToken ?? '', {
      ...resourceParameter(tokens.resource),
      ...(scopes === undefined ? {} : { scope: scopes.join(' ') }),
    });
    return answeredTokens(answer, scopes ?? scopesOf(row), Date.now());
  }

  async #configuration(
    { issuer }: ConnectionRow,
    { client, reach }: ConnectionTokens,
    { settings }: TokenRequest,
  ): Promise<oidc.Configuration | DiscoveryFault> {
    try {
      const server = await this.parts.discovery.serverAt({ issuer, reach }, settings);
      return await this.parts.clients.configuration(server, client, settings);
    } catch (error) {
      if (error instanceof DiscoveryFault) return error;
      throw error;
    }
  }

  async #failed(held: Held, request: TokenRequest, error: unknown): Promise<AccessToken | undefined> {
    const { row, tokens, scopes, access } = held;
    const { storage, logger, registered } = this.parts;
    const refusal = refusalBy(error);
    const reason = reasonOf(error);
    if (refusal === 'scopes' && scopes !== undefined) {
      if (this.#broad.size >= MAX_BROAD) this.#broad.clear();
      this.#broad.add(row.id);
      await giveBackRefresh(storage, row, 0);
      return undefined;
    }
    if (refusal === 'client' && tokens.client.kind === 'registered') await registered.forget(tokens.client.id);
    if (refusal === 'grant' || (refusal === 'client' && tokens.client.kind !== 'settings')) {
      throw await this.#refuse(held, reason);
    }
    await giveBackRefresh(storage, row, Date.now() + PAUSE);
    logger.warn('connection.not-refreshed', { server: shown(request.server), reason: shown(reason) });
    if (access && isAlive(access, Date.now())) return access;
    const whose = refusal === 'client' ? 'the authorization server refuses clientId or what proves it' : reason;
    throw unavailable(request.server, whose);
  }

  /** What a tool may have is a promise: a token for more is not used for it. */
  #tooWide({ id, server }: ConnectionRow, scopes: readonly string[]): CodedError {
    this.#wide.note(id, server, scopes, Date.now());
    const reason = wideReason(scopes);
    this.parts.logger.warn('connection.not-narrowed', { server: shown(server), reason: shown(reason) });
    return unavailable(server, reason);
  }

  /** The error to throw, once it is kept and on record that the connection opens nothing any more. */
  async #refuse({ row }: Held, reason: string): Promise<CodedError> {
    const { storage, audit } = this.parts;
    if (await refuseConnection(storage, row, Date.now())) {
      await audit.write(refuseRecord(shownConnection(row), reason));
    }
    return new CodedError('connection_refused', { detail: `${row.server}: ${reason}` });
  }

  async #given({ row, tokens }: Held, { accessToken, expiresAt }: AccessToken): Promise<IssuedToken> {
    await noteUse(this.parts.storage.db, row, Date.now());
    const secrets = [accessToken, ...(tokens.refreshToken === null ? [] : [tokens.refreshToken])];
    return { value: accessToken, expiresAt: expiresAt ?? undefined, secrets };
  }

  #opened(row: ConnectionRow): ConnectionTokens {
    try {
      return openTokens(this.parts.storage, row);
    } catch (error) {
      this.parts.logger.error('connection.unreadable', { server: shown(row.server), error: shown(errorText(error)) });
      const detail = `${row.id}: its row was altered, or the master key is another`;
      throw new CodedError('credential_unavailable', { detail, cause: error });
    }
  }
}

/** Where nobody said what was granted, the server itself must say what is missing. */
function requireGranted({ scopes = [] }: TokenRequest, granted: readonly string[]): void {
  if (granted.length === 0 || scopes.every((scope) => granted.includes(scope))) return;
  throw new CodedError('connection_needed', {
    message:
      'Your connection to this server does not permit what this call needs. Connect it again and agree: run `mcp-sso connections`.',
  });
}

function unavailable(server: string, why: string): CodedError {
  return new CodedError('credential_unavailable', { detail: `servers.${server}.credential: ${why}` });
}
