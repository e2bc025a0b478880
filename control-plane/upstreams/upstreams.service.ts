import { Inject, Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { CodedError, asCoded } from '#shared/errors.js';
import { discoverResult } from '#shared/mcp/eras.js';
import type { JsonObject, RequestId } from '#shared/mcp/json-rpc.js';
import { isObject } from '#shared/mcp/json-rpc.js';
import type { Era } from '#shared/mcp/meta.js';
import { ActiveCatalog } from '../catalog/active-catalog.js';
import { CONFIG } from '../config/config.module.js';
import { isHosted, type LoadedConfig, type ServerSettings, type Settings } from '../config/settings.js';
import { Logger } from '../observability/logger.js';
import { answerOf } from './answer.js';
import { discard, parseMessage, readResponseEvent, readWhole } from './answer-body.js';
import { beforeTheCall } from './before-the-call.js';
import { Connections } from './connections.js';
import { Editions } from './editions.js';
import { EraBook } from './era-book.js';
import { LegacySessions, type LegacySession } from './legacy-sessions.js';
import { openSession, postLegacy, refuseServerRequest, type LegacyPeer } from './legacy-protocol.js';
import { UPSTREAM_LIMITS, type UpstreamLimits } from './limits.js';
import { discover, postModern, type Discovery } from './modern-protocol.js';
import { HostedServers } from './stdio/hosted-servers.js';
import type { Addressed, UpstreamAnswer, UpstreamRequest, UpstreamScope } from './upstream-request.js';

const SWEEP_INTERVAL = 60_000;

/** The servers of one revision of the catalog. Errors are coded; see `shared/errors.ts`, "the far side". */
export interface Upstreams {
  /** Sends a request, once, and resolves when its answer begins. */
  open(request: UpstreamRequest): Promise<UpstreamAnswer>;
  /** Sends a request and reads its whole response (bounded), as a JSON-RPC message. */
  ask(request: UpstreamRequest): Promise<{ readonly era: Era; readonly message: JsonObject }>;
  /** What the server says of itself, as a `server/discover` result. */
  describe(scope: UpstreamScope): Promise<JsonObject>;
  /** Answers a request that a legacy server sent to the client: nobody here can serve it. */
  refuse(scope: UpstreamScope, id: RequestId): void;
}

/** Speaks to MCP servers in their own era, and keeps what that takes: connections, sessions, processes. */
@Injectable()
export class UpstreamsService implements OnModuleInit, OnApplicationShutdown {
  readonly #editions = new Editions();
  readonly #connections: Connections;
  readonly #eras: EraBook;
  readonly #sessions: LegacySessions;
  readonly #hosted: HostedServers;
  #sweep: NodeJS.Timeout | undefined;

  constructor(
    @Inject(CONFIG) config: LoadedConfig,
    @Inject(UPSTREAM_LIMITS) private readonly limits: UpstreamLimits,
    @Inject(Logger) logger: Logger,
    @Inject(ActiveCatalog) catalog: ActiveCatalog,
  ) {
    this.#connections = new Connections(limits);
    this.#eras = new EraBook(limits.legacyVerdict);
    this.#sessions = new LegacySessions(limits);
    this.#hosted = new HostedServers(config, limits, logger);
    catalog.follow(
      ({ servers }) =>
        () =>
          this.#keep(servers),
    );
  }

  onModuleInit(): void {
    this.#sweep = setInterval(() => {
      this.#sessions.closeIdle();
      this.#hosted.closeIdle();
    }, SWEEP_INTERVAL).unref();
  }

  async onApplicationShutdown(): Promise<void> {
    clearInterval(this.#sweep);
    this.#sessions.closeAll();
    await Promise.all([this.#connections.close(), this.#hosted.close()]);
  }

  /** Where a call goes, and how, stays what it was at its route. */
  at(servers: Settings['servers']): Upstreams {
    const addressed = <T extends UpstreamScope>(scope: T): Addressed<T> => ({
      ...scope,
      settings: settingsOf(servers, scope.server),
    });
    return {
      open: async (request) => await this.#open(addressed(request)),
      ask: async (request) => await this.#ask(addressed(request)),
      describe: async (scope) => await this.#describe(addressed(scope)),
      refuse: (scope, id) => this.#refuse(addressed(scope), id),
    };
  }

  async #open(request: Addressed<UpstreamRequest>): Promise<UpstreamAnswer> {
    if (isHosted(request.settings)) return await this.#hosted.open(request);
    const era = await beforeTheCall(this.#era(request));
    return era === 'modern' ? await this.#openModern(request) : await this.#openLegacy(request);
  }

  async #ask(request: Addressed<UpstreamRequest>): ReturnType<Upstreams['ask']> {
    const { era, form, body } = await this.#open(request);
    const message =
      form === 'events'
        ? await readResponseEvent(body, this.limits.answer)
        : parseMessage(await readWhole(body, this.limits.answer));
    if (message === undefined) throw new CodedError('upstream_invalid', { detail: 'the answer is not JSON-RPC' });
    return { era, message };
  }

  async #describe(scope: Addressed): Promise<JsonObject> {
    if (isHosted(scope.settings)) return await this.#hosted.describe(scope);
    if ((await beforeTheCall(this.#era(scope))) === 'legacy') {
      return discoverResult((await beforeTheCall(this.#session(scope))).initialize);
    }
    const { result } = await beforeTheCall(this.#discover(scope, scope.signal));
    if (!isObject(result)) throw new CodedError('upstream_invalid', { detail: 'server/discover has no result' });
    return result;
  }

  #refuse(scope: Addressed, id: RequestId): void {
    // Over stdio it was refused already, where it was read.
    if (isHosted(scope.settings)) return;
    this.#session(scope).then(
      (session) => refuseServerRequest(this.#peer(scope.settings), scope.access, session, id),
      () => undefined,
    );
  }

  /** A sign-in has ended: its legacy sessions go with it. */
  endPartition(partition: string): void {
    this.#sessions.closePartition(partition);
    this.#hosted.endPartition(partition);
  }

  async #openModern(request: Addressed<UpstreamRequest>): Promise<UpstreamAnswer> {
    const exchange = postModern(this.#connections, urlOf(request.settings), request);
    const head = await exchange.head;
    try {
      return { era: 'modern', requestId: request.message.id, ...(await answerOf(exchange, head)) };
    } catch (error) {
      if (asCoded(error).code === 'upstream_invalid') this.#eras.forget(request.settings);
      throw error;
    }
  }

  async #openLegacy(request: Addressed<UpstreamRequest>): Promise<UpstreamAnswer> {
    const peer = this.#peer(request.settings);
    let session = await beforeTheCall(this.#session(request));
    let sent = postLegacy(peer, session, request);
    let head = await sent.exchange.head;
    if (head.status === 404 && session.id !== undefined) {
      // A 404 to a session id means that nothing was processed (2025-11-25, Session Management), so a resend is safe.
      discard(sent.exchange);
      this.#sessions.forget(session);
      session = await beforeTheCall(this.#session(request));
      sent = postLegacy(peer, session, request);
      head = await sent.exchange.head;
    }
    try {
      return { era: 'legacy', requestId: sent.requestId, ...(await answerOf(sent.exchange, head)) };
    } finally {
      if (head.status === 400 || head.status === 404) this.#sessions.forget(session);
    }
  }

  #era(scope: Addressed): Promise<Era> {
    const own = (): AbortSignal => AbortSignal.timeout(this.limits.question);
    return this.#eras.of(scope.settings, async () => (await this.#discover(scope, own())).era);
  }

  #discover(scope: Addressed, signal: AbortSignal): Promise<Discovery> {
    return discover(this.#connections, urlOf(scope.settings), { ...scope, signal }, this.limits.question);
  }

  #session(scope: Addressed): Promise<LegacySession> {
    const { partition, settings } = scope;
    const server = this.#editions.of(scope.server, settings);
    return this.#sessions.acquire(partition, server, () => openSession(this.#peer(settings), { ...scope, server }));
  }

  #peer(settings: ServerSettings): LegacyPeer {
    return { connections: this.#connections, url: urlOf(settings), limits: this.limits };
  }

  /** Sessions of servers that changed or went are no longer found, and end as idle ones do: a call may still use them. */
  #keep(servers: Settings['servers']): void {
    this.#hosted.keep(servers);
    this.#connections.keep(
      Object.values(servers).flatMap(({ url }) => (url === undefined ? [] : [new URL(url).origin])),
    );
  }
}

function settingsOf(servers: Settings['servers'], server: string): ServerSettings {
  const settings = Object.hasOwn(servers, server) ? servers[server] : undefined;
  if (settings === undefined) throw new CodedError('server_unknown');
  return settings;
}

function urlOf({ url }: ServerSettings): string {
  if (url === undefined) throw new CodedError('server_unknown');
  return url;
}
