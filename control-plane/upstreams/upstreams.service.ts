import { Inject, Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { CodedError, asCoded } from '#shared/errors.js';
import { discoverResult, lowerRequest } from '#shared/mcp/eras.js';
import type { JsonObject, JsonRpcNotification, JsonRpcRequest, RequestId } from '#shared/mcp/json-rpc.js';
import { isObject } from '#shared/mcp/json-rpc.js';
import type { Era } from '#shared/mcp/meta.js';
import { CONFIG } from '../config/config.module.js';
import { overLimit } from '../config/limits.js';
import type { LoadedConfig, Settings } from '../config/settings.js';
import { Logger } from '../observability/logger.js';
import { answerOf } from './answer.js';
import { AnswerTooLarge, discard, parseMessage, readResponseEvent, readWhole } from './answer-body.js';
import { bounded } from './bounded-body.js';
import { beforeTheCall } from './before-the-call.js';
import { Connections } from './connections.js';
import { EraBook } from './era-book.js';
import { listenRequest, readNotifications, type Listener, type Listening } from './listening.js';
import { LegacySessions, type LegacySession } from './legacy-sessions.js';
import {
  answerServer,
  notify,
  openSession,
  postLegacy,
  resumeAnswer,
  tellLogLevel,
  type LegacyPeer,
} from './legacy-protocol.js';
import { UPSTREAM_LIMITS, type UpstreamLimits } from './limits.js';
import { discover, postModern, type Discovery } from './modern-protocol.js';
import { ServerHealth } from './server-health.js';
import type { ServerOverview } from './server-overview.js';
import { outsideOfCalls } from './session-events.js';
import { ResumableBody } from './resumable-body.js';
import { SseServers } from './sse/sse-servers.js';
import type { ResponseBody } from './exchange.js';
import { HostedServers } from './stdio/hosted-servers.js';
import type { SpokenLine } from './stdio/spoken-lines.js';
import type { UpstreamAnswer, UpstreamRequest, UpstreamScope } from './upstream-request.js';

const SWEEP_INTERVAL = 60_000;

/** The configured MCP servers, spoken to in their own era. Errors are coded; see `shared/errors.ts`, "the far side". */
@Injectable()
export class UpstreamsService implements OnModuleInit, OnApplicationShutdown {
  readonly #servers: Settings['servers'];
  readonly #connections: Connections;
  readonly #eras: EraBook;
  readonly #sessions: LegacySessions;
  readonly #health = new ServerHealth();
  readonly #hosted: HostedServers;
  readonly #sse: SseServers;
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
    this.#sse = new SseServers(this.#servers, this.#connections, limits);
  }

  onModuleInit(): void {
    this.#sweep = setInterval(() => {
      this.#sessions.closeIdle();
      this.#hosted.closeIdle();
      this.#sse.closeIdle();
    }, SWEEP_INTERVAL).unref();
  }

  async onApplicationShutdown(): Promise<void> {
    clearInterval(this.#sweep);
    this.#sessions.closeAll();
    this.#sse.close();
    await Promise.all([this.#connections.close(), this.#hosted.close()]);
  }

  /** Sends a request, once, and resolves when its answer begins. */
  async open(request: UpstreamRequest): Promise<UpstreamAnswer> {
    const answer = await this.#health.watch(request.server, this.#open(request), ({ era }) => era);
    return { ...answer, body: bounded(answer.body, this.limits.flowing) };
  }

  async #open(request: UpstreamRequest): Promise<UpstreamAnswer> {
    const stateful = this.#stateful(request.server);
    if (stateful) return await stateful.open(request);
    const era = await beforeTheCall(this.#era(request));
    return era === 'modern' ? await this.#openModern(request) : await this.#openLegacy(request);
  }

  /** Sends a request and reads its whole response (bounded), as a JSON-RPC message. */
  async ask(request: UpstreamRequest): Promise<{ readonly era: Era; readonly message: JsonObject }> {
    const { era, form, body, reply } = await this.open(request);
    const refuse = (asked: JsonObject): void => reply(asked['id'] as RequestId, outsideOfCalls(asked));
    const { answer: limit } = this.limits;
    const reading =
      form === 'events'
        ? readResponseEvent(body, limit, refuse)
        : readWhole(body, limit).then((whole) => parseMessage(whole));
    const message = await reading.catch((error: unknown) => {
      throw error instanceof AnswerTooLarge ? listTooLarge(limit) : error;
    });
    if (message === undefined) throw new CodedError('upstream_invalid', { detail: 'the answer is not JSON-RPC' });
    return { era, message };
  }

  /** What the server says of itself, as a `server/discover` result. */
  async describe(scope: UpstreamScope): Promise<JsonObject> {
    return await this.#health.watch(scope.server, this.#describe(scope));
  }

  /** Every configured server, with what is known of it. Nothing is asked. */
  overview(): ServerOverview[] {
    return Object.entries(this.#servers).map(([id, { title, command, transport = 'streamable-http' }]) => ({
      id,
      title: title ?? null,
      transport: command === undefined ? transport : 'stdio',
      health: this.#health.of(id),
      processes: this.#hosted.processes(id),
    }));
  }

  /** The last lines that a hosted server said beside its messages, masked; undefined where it is not hosted here. */
  outputOf(server: string): SpokenLine[] | undefined {
    return this.#hosted.has(server) ? this.#hosted.outputOf(server) : undefined;
  }

  async #describe(scope: UpstreamScope): Promise<JsonObject> {
    const stateful = this.#stateful(scope.server);
    if (stateful) return await stateful.describe(scope);
    if ((await beforeTheCall(this.#era(scope))) === 'legacy') {
      return discoverResult((await beforeTheCall(this.#session(scope))).initialize);
    }
    const { result } = await beforeTheCall(this.#discover(scope, scope.signal));
    if (!isObject(result)) throw new CodedError('upstream_invalid', { detail: 'server/discover has no result' });
    return result;
  }

  /** Passes a notification of the client on, and resolves when the server has it. */
  async notify(scope: UpstreamScope, message: JsonRpcNotification): Promise<void> {
    const stateful = this.#stateful(scope.server);
    if (stateful) return await stateful.notify(scope, message);
    if ((await beforeTheCall(this.#era(scope))) === 'legacy') {
      const session = await beforeTheCall(this.#session(scope));
      return await notify(this.#peer(scope.server), scope.access, session, { ...lowerRequest(message) });
    }
    const exchange = postModern(this.#connections, this.#url(scope.server), { ...scope, message });
    await exchange.head;
    discard(exchange);
  }

  /** Hears what the server says outside of calls, until `close`; `meta` is the client's envelope. */
  async listen(scope: UpstreamScope, meta: JsonObject, listener: Listener): Promise<Listening> {
    const stateful = this.#stateful(scope.server);
    if (stateful) return await stateful.listen(scope, meta, listener);
    if ((await beforeTheCall(this.#era(scope))) === 'legacy') {
      return (await beforeTheCall(this.#session(scope))).events.listen(listener);
    }
    return await this.#subscribe(scope, listenRequest(meta, listener.filter), listener);
  }

  async #subscribe(scope: UpstreamScope, message: JsonRpcRequest, listener: Listener): Promise<Listening> {
    const stop = new AbortController();
    const signal = AbortSignal.any([scope.signal, stop.signal]);
    const request = { ...scope, signal, message };
    const exchange = postModern(this.#connections, this.#url(scope.server), request, { idle: 0, stream: true });
    const { form, body } = await answerOf(exchange, await exchange.head);
    if (form !== 'events') {
      discard(body);
      throw new CodedError('upstream_invalid', { detail: 'subscriptions/listen was not answered with a stream' });
    }
    readNotifications(body, listener, this.limits.answer);
    return { close: () => stop.abort(new CodedError('interrupted')) };
  }

  /** A sign-in has ended: its legacy sessions go with it. */
  endPartition(partition: string): void {
    this.#sessions.closePartition(partition);
    this.#hosted.endPartition(partition);
    this.#sse.endPartition(partition);
  }

  /** A client of the sign-in has ended its session. */
  endClient(partition: string, client: string): void {
    this.#sessions.closeClient(partition, client);
    this.#hosted.endPartition(partition, client);
    this.#sse.endPartition(partition, client);
  }

  /** Servers with one channel for everything: a process, or a stream that stays open. */
  #stateful(server: string): HostedServers | SseServers | undefined {
    return [this.#hosted, this.#sse].find((servers) => servers.has(server));
  }

  async #openModern(request: UpstreamRequest): Promise<UpstreamAnswer> {
    const exchange = postModern(this.#connections, this.#url(request.server), request);
    const head = await exchange.head;
    try {
      const answer = await answerOf(exchange, head);
      return { era: 'modern', requestId: request.message.id, ...answer, reply: () => undefined };
    } catch (error) {
      if (asCoded(error).code === 'upstream_invalid') this.#eras.forget(request.server);
      throw error;
    }
  }

  async #openLegacy(request: UpstreamRequest): Promise<UpstreamAnswer> {
    const peer = this.#peer(request.server);
    let session = await beforeTheCall(this.#session(request));
    await tellLogLevel(peer, session, request);
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
      const { access } = request;
      const reply = (id: RequestId, answer: JsonObject): void => answerServer(peer, access, session, id, answer);
      const answer = await answerOf(sent.exchange, head);
      const begun = { era: 'legacy', requestId: sent.requestId, ...answer, reply } as const;
      if (answer.form === 'json') return begun;
      const again = (id: string): Promise<ResponseBody> => resumeAnswer(peer, session, request, id);
      const body = new ResumableBody(answer.body, again, request.signal);
      return { ...begun, body, settled: () => body.settled() };
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
    const { partition, server, client } = scope;
    return this.#sessions.acquire({ partition, server, client: client.key }, () =>
      openSession(this.#peer(server), scope),
    );
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

function listTooLarge(limit: number): CodedError {
  const what = `A list of the MCP server is larger than ${limit} bytes`;
  return overLimit('upstream_invalid', 'listBytes', what, 'Tell your administrator.');
}
