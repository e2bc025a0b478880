import { Inject, Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { CodedError, asCoded } from '#shared/errors.js';
import { discoverResult } from '#shared/mcp/eras.js';
import type { JsonObject, RequestId } from '#shared/mcp/json-rpc.js';
import { isObject } from '#shared/mcp/json-rpc.js';
import type { Era } from '#shared/mcp/meta.js';
import { CONFIG } from '../config/config.module.js';
import type { LoadedConfig, Settings } from '../config/settings.js';
import { Logger } from '../observability/logger.js';
import { answerOf } from './answer.js';
import { discard, parseMessage, readResponseEvent, readWhole } from './answer-body.js';
import { beforeTheCall } from './before-the-call.js';
import { Connections } from './connections.js';
import { EraBook } from './era-book.js';
import { LegacySessions, type LegacySession } from './legacy-sessions.js';
import { openSession, postLegacy, refuseServerRequest, type LegacyPeer } from './legacy-protocol.js';
import { UPSTREAM_LIMITS, type UpstreamLimits } from './limits.js';
import { discover, postModern, type Discovery } from './modern-protocol.js';
import { HostedServers } from './stdio/hosted-servers.js';
import type { UpstreamAnswer, UpstreamRequest, UpstreamScope } from './upstream-request.js';

const SWEEP_INTERVAL = 60_000;

/** The configured MCP servers, spoken to in their own era. Errors are coded; see `shared/errors.ts`, "the far side". */
@Injectable()
export class UpstreamsService implements OnModuleInit, OnApplicationShutdown {
  readonly #servers: Settings['servers'];
  readonly #connections: Connections;
  readonly #eras: EraBook;
  readonly #sessions: LegacySessions;
  readonly #hosted: HostedServers;
  #sweep: NodeJS.Timeout | undefined;

  constructor(
    @Inject(CONFIG) config: LoadedConfig,
    @Inject(UPSTREAM_LIMITS) private readonly limits: UpstreamLimits,
    @Inject(Logger) logger: Logger,
  ) {
    this.#servers = config.settings.servers;
    this.#connections = new Connections(limits);
    this.#eras = new EraBook(limits.legacyVerdict);
    this.#sessions = new LegacySessions(limits);
    this.#hosted = new HostedServers(config, limits, logger);
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

  /** Sends a request, once, and resolves when its answer begins. */
  async open(request: UpstreamRequest): Promise<UpstreamAnswer> {
    if (this.#hosted.has(request.server)) return await this.#hosted.open(request);
    const era = await beforeTheCall(this.#era(request));
    return era === 'modern' ? await this.#openModern(request) : await this.#openLegacy(request);
  }

  /** Sends a request and reads its whole response (bounded), as a JSON-RPC message. */
  async ask(request: UpstreamRequest): Promise<{ readonly era: Era; readonly message: JsonObject }> {
    const { era, form, body } = await this.open(request);
    const message =
      form === 'events'
        ? await readResponseEvent(body, this.limits.answer)
        : parseMessage(await readWhole(body, this.limits.answer));
    if (message === undefined) throw new CodedError('upstream_invalid', { detail: 'the answer is not JSON-RPC' });
    return { era, message };
  }

  /** What the server says of itself, as a `server/discover` result. */
  async describe(scope: UpstreamScope): Promise<JsonObject> {
    if (this.#hosted.has(scope.server)) return await this.#hosted.describe(scope);
    if ((await beforeTheCall(this.#era(scope))) === 'legacy') {
      return discoverResult((await beforeTheCall(this.#session(scope))).initialize);
    }
    const { result } = await beforeTheCall(this.#discover(scope, scope.signal));
    if (!isObject(result)) throw new CodedError('upstream_invalid', { detail: 'server/discover has no result' });
    return result;
  }

  /** Answers a request that a legacy server sent to the client: nobody here can serve it. */
  refuse(scope: UpstreamScope, id: RequestId): void {
    // Over stdio it was refused already, where it was read.
    if (this.#hosted.has(scope.server)) return;
    this.#session(scope).then(
      (session) => refuseServerRequest(this.#peer(scope.server), scope.access, session, id),
      () => undefined,
    );
  }

  /** A sign-in has ended: its legacy sessions go with it. */
  endPartition(partition: string): void {
    this.#sessions.closePartition(partition);
    this.#hosted.endPartition(partition);
  }

  async #openModern(request: UpstreamRequest): Promise<UpstreamAnswer> {
    const exchange = postModern(this.#connections, this.#url(request.server), request);
    const head = await exchange.head;
    try {
      return { era: 'modern', requestId: request.message.id, ...(await answerOf(exchange, head)) };
    } catch (error) {
      if (asCoded(error).code === 'upstream_invalid') this.#eras.forget(request.server);
      throw error;
    }
  }

  async #openLegacy(request: UpstreamRequest): Promise<UpstreamAnswer> {
    const peer = this.#peer(request.server);
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

  #era(scope: UpstreamScope): Promise<Era> {
    const own = (): AbortSignal => AbortSignal.timeout(this.limits.question);
    return this.#eras.of(scope.server, async () => (await this.#discover(scope, own())).era);
  }

  #discover(scope: UpstreamScope, signal: AbortSignal): Promise<Discovery> {
    const url = this.#url(scope.server);
    return discover(this.#connections, url, { ...scope, signal }, this.limits.question);
  }

  #session(scope: UpstreamScope): Promise<LegacySession> {
    const { partition, server } = scope;
    return this.#sessions.acquire(partition, server, () => openSession(this.#peer(server), scope));
  }

  #peer(server: string): LegacyPeer {
    return { connections: this.#connections, url: this.#url(server), limits: this.limits };
  }

  #url(server: string): string {
    const settings = Object.hasOwn(this.#servers, server) ? this.#servers[server] : undefined;
    if (settings?.url === undefined) throw new CodedError('server_unknown');
    return settings.url;
  }
}
