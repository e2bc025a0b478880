import { Inject, Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { CodedError } from '#shared/errors.js';
import type { JsonObject, JsonRpcNotification, RequestId } from '#shared/mcp/json-rpc.js';
import type { Era } from '#shared/mcp/meta.js';
import { ActiveCatalog } from '../catalog/active-catalog.js';
import { CONFIG } from '../config/config.module.js';
import { overLimit } from '../config/limits.js';
import { isHosted, type LoadedConfig, type ServerSettings, type Settings } from '../config/settings.js';
import { ReachableAddresses } from '../egress/reachable-addresses.js';
import { Logger } from '../observability/logger.js';
import { AnswerTooLarge, parseMessage, readResponseEvent, readWhole } from './answer-body.js';
import { bounded } from './bounded-body.js';
import { Connections } from './connections.js';
import { HttpServers } from './http-servers.js';
import { UPSTREAM_LIMITS, type UpstreamLimits } from './limits.js';
import type { Listener, Listening } from './listening.js';
import { ServerHealth } from './server-health.js';
import type { ServerOverview } from './server-overview.js';
import { outsideOfCalls } from './session-events.js';
import { SseServers } from './sse/sse-servers.js';
import { HostedServers } from './stdio/hosted-servers.js';
import type { SpokenLine } from './stdio/spoken-lines.js';
import type { Transport } from './transport.js';
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
  /** Passes a notification of the client on, and resolves when it was handed over. */
  notify(scope: UpstreamScope, message: JsonRpcNotification): Promise<void>;
  /** Hears what the server says outside of calls, until `close`; `meta` is the client's envelope. */
  listen(scope: UpstreamScope, meta: JsonObject, listener: Listener): Promise<Listening>;
  /** A client of the sign-in has ended its session: what was opened for it ends, whatever the revision. */
  endClient(partition: string, client: string): void;
}

/** Speaks to MCP servers in their own era, and keeps what that takes: connections, sessions, streams, processes. */
@Injectable()
export class UpstreamsService implements OnModuleInit, OnApplicationShutdown {
  readonly #connections: Connections;
  readonly #health = new ServerHealth();
  readonly #http: HttpServers;
  readonly #sse: SseServers;
  readonly #hosted: HostedServers;
  #sweep: NodeJS.Timeout | undefined;

  constructor(
    @Inject(CONFIG) config: LoadedConfig,
    @Inject(UPSTREAM_LIMITS) private readonly limits: UpstreamLimits,
    @Inject(Logger) logger: Logger,
    @Inject(ActiveCatalog) private readonly catalog: ActiveCatalog,
  ) {
    this.#connections = new Connections(limits, new ReachableAddresses(config.settings.privateNetworks));
    this.#http = new HttpServers(this.#connections, limits);
    this.#sse = new SseServers(this.#connections, limits);
    this.#hosted = new HostedServers(config, limits, logger);
    catalog.follow(
      ({ servers }) =>
        () =>
          this.#keep(servers),
    );
  }

  onModuleInit(): void {
    this.#sweep = setInterval(() => {
      for (const transport of this.#transports()) transport.closeIdle();
    }, SWEEP_INTERVAL).unref();
  }

  async onApplicationShutdown(): Promise<void> {
    clearInterval(this.#sweep);
    this.#http.close();
    this.#sse.close();
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
      notify: async (scope, message) => await this.#of(addressed(scope)).notify(addressed(scope), message),
      listen: async (scope, meta, listener) =>
        await this.#of(addressed(scope)).listen(addressed(scope), meta, listener),
      endClient: (partition, client) => this.#endPartition(partition, client),
    };
  }

  /** Every server of the latest revision, with what is known of it. Nothing is asked. */
  overview(): ServerOverview[] {
    return Object.entries(this.catalog.latest.servers).map(([id, settings]) => ({
      id,
      title: settings.title ?? null,
      transport: isHosted(settings) ? 'stdio' : (settings.transport ?? 'streamable-http'),
      health: this.#health.of(settings),
      processes: this.#hosted.processes(id),
    }));
  }

  /** The last lines that a hosted server said beside its messages, masked; undefined where it is not hosted here. */
  outputOf(server: string): SpokenLine[] | undefined {
    const { servers } = this.catalog.latest;
    const settings = Object.hasOwn(servers, server) ? servers[server] : undefined;
    return settings && isHosted(settings) ? this.#hosted.outputOf(server) : undefined;
  }

  /** A sign-in has ended: what was opened for it goes with it. */
  endPartition(partition: string): void {
    this.#endPartition(partition);
  }

  #endPartition(partition: string, client?: string): void {
    for (const transport of this.#transports()) transport.endPartition(partition, client);
  }

  async #open(request: Addressed<UpstreamRequest>): Promise<UpstreamAnswer> {
    const answer = await this.#health.watch(request.settings, this.#of(request).open(request), ({ era }) => era);
    return { ...answer, body: bounded(answer.body, this.limits.flowing) };
  }

  async #ask(request: Addressed<UpstreamRequest>): ReturnType<Upstreams['ask']> {
    const { era, form, body, reply } = await this.#open(request);
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

  async #describe(scope: Addressed): Promise<JsonObject> {
    return await this.#health.watch(scope.settings, this.#of(scope).describe(scope));
  }

  #of({ settings }: Addressed): Transport {
    if (isHosted(settings)) return this.#hosted;
    return settings.transport === 'sse' ? this.#sse : this.#http;
  }

  #transports(): Transport[] {
    return [this.#http, this.#sse, this.#hosted];
  }

  #keep(servers: Settings['servers']): void {
    this.#hosted.keep(servers);
    this.#sse.keep(servers);
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

function listTooLarge(limit: number): CodedError {
  const what = `A list of the MCP server is larger than ${limit} bytes`;
  return overLimit('upstream_invalid', 'listBytes', what, 'Tell your administrator.');
}
