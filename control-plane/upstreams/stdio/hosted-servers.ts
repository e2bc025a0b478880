import { createHash } from 'node:crypto';
import { asCoded, CodedError } from '#shared/errors.js';
import type { JsonObject, JsonRpcNotification } from '#shared/mcp/json-rpc.js';
import { allBusy } from '../../config/limits.js';
import {
  isHosted,
  type HostedSettings,
  type LoadedConfig,
  type ServerSettings,
  type Settings,
} from '../../config/settings.js';
import { shown, type Logger } from '../../observability/logger.js';
import { beforeTheCall } from '../before-the-call.js';
import type { UpstreamLimits } from '../limits.js';
import { listenRequest, type Listener, type Listening } from '../listening.js';
import type { HostedProcess } from '../server-overview.js';
import type { Transport } from '../transport.js';
import type { Addressed, ClientSide, UpstreamAnswer, UpstreamRequest } from '../upstream-request.js';
import { BackOff } from './back-off.js';
import { ServerStarter, type Running } from './server-starter.js';
import type { SpokenLine } from './spoken-lines.js';

/** The process of one server for one sign-in, or for everyone. */
interface Slot {
  readonly server: string;
  /** The sign-in that it belongs to; undefined where it is shared. */
  readonly partition: string | undefined;
  readonly client: string;
  readonly settings: ServerSettings;
  /** Hash of environment and files, so that a changed secret makes a new process. */
  readonly access: string;
  readonly idle: number;
  readonly starting: Promise<Running>;
  running: Running | undefined;
}

/** A server that several people share can ask none of them. */
const NOBODY: ClientSide = { key: '', capabilities: {} };

/** The servers that the control plane runs itself: started on demand, one process for each sign-in unless shared. */
export class HostedServers implements Transport {
  readonly #slots = new Map<string, Slot>();
  readonly #starter: ServerStarter;
  readonly #backOff: BackOff;
  #closed = false;

  constructor(
    config: Pick<LoadedConfig, 'directory' | 'environment'>,
    private readonly limits: UpstreamLimits,
    private readonly logger: Logger,
    private readonly now: () => number = Date.now,
  ) {
    this.#starter = new ServerStarter(config, limits, logger);
    this.#backOff = new BackOff(limits.hosted.backOff, now);
  }

  /** Sends a request, once, and resolves when its answer begins. */
  async open(request: Addressed<UpstreamRequest>): Promise<UpstreamAnswer> {
    const running = await beforeTheCall(this.#acquire(request));
    return await running.process.peer.open(running, request);
  }

  /** What the server says of itself, as a `server/discover` result. */
  async describe(scope: Addressed): Promise<JsonObject> {
    return (await beforeTheCall(this.#acquire(scope))).description;
  }

  async notify(scope: Addressed, message: JsonRpcNotification): Promise<void> {
    const { process } = await beforeTheCall(this.#acquire(scope));
    process.peer.notify(message.method, message.params);
  }

  /** Hears what the server says outside of calls; of a shared one, what names the subscription: all else is nobody's. */
  async listen(scope: Addressed, meta: JsonObject, listener: Listener): Promise<Listening> {
    const { process, era } = await beforeTheCall(this.#acquire(scope));
    if (era === 'legacy') return process.peer.events.listen(listener);
    return process.peer.subscribe(listenRequest(meta, listener.filter), listener, scope.signal);
  }

  /** The processes of a server that have greeted us. */
  processes(server: string): HostedProcess[] {
    return [...this.#slots.values()].flatMap(({ server: of, running }) => {
      if (of !== server || running === undefined) return [];
      const { pid, startedAt, peer } = running.process;
      return [{ pid: pid ?? null, startedAt, busy: peer.busy }];
    });
  }

  outputOf(server: string): SpokenLine[] {
    return this.#starter.spoken.of(server);
  }

  /** A sign-in, or one client of it, has ended: its processes end with it. */
  endPartition(partition: string, client?: string): void {
    this.#retireWhere((slot) => slot.partition === partition && (client === undefined || slot.client === client));
  }

  /** Processes of servers that changed or went end when what they were asked is answered. */
  keep(servers: Settings['servers']): void {
    const known = new Set<ServerSettings>(Object.values(servers));
    this.#starter.spoken.keep(Object.keys(servers));
    for (const [key, slot] of this.#slots) {
      if (known.has(slot.settings)) continue;
      this.#slots.delete(key);
      void stopWhenIdle(slot);
    }
  }

  closeIdle(): void {
    this.#backOff.sweep();
    this.#retireWhere(({ running, idle }) => {
      const peer = running?.process.peer;
      return peer !== undefined && !peer.busy && !peer.heard && peer.lastActive + idle <= this.now();
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#slots.clear();
    await this.#starter.close();
  }

  async #acquire(scope: Addressed): Promise<Running> {
    const { settings } = scope;
    if (!isHosted(settings)) throw new CodedError('server_unknown');
    const key = settings.shared ? scope.server : JSON.stringify([scope.server, scope.partition, scope.client.key]);
    const access = accessHash(scope);
    const slot = this.#slots.get(key);
    this.#slots.delete(key);
    if (slot?.access === access && slot.settings === settings) {
      // Least recently used first, so that the bound ends the idlest.
      this.#slots.set(key, slot);
      return await slot.starting;
    }
    if (slot) void stopWhenIdle(slot);
    const asked = settings.shared ? { ...scope, client: NOBODY } : scope;
    return await this.#open(key, access, asked, settings).starting;
  }

  #open(key: string, access: string, scope: Addressed, settings: HostedSettings): Slot {
    if (this.#closed) throw new CodedError('shutting_down');
    // The sign-in may have ended since the call arrived: its processes would be nobody's.
    scope.signal.throwIfAborted();
    const wait = this.#backOff.wait(key);
    if (wait > 0) throw backingOff(wait);
    if (this.#slots.size >= this.limits.hosted.processes) this.#makeRoom();
    const slot: Slot = {
      server: scope.server,
      partition: settings.shared ? undefined : scope.partition,
      client: scope.client.key,
      settings,
      access,
      idle: settings.idleMinutes * 60_000,
      starting: this.#starter.start(scope, settings),
      running: undefined,
    };
    this.#slots.set(key, slot);
    void this.#follow(key, slot);
    return slot;
  }

  /** From start to end of a slot's process. */
  async #follow(key: string, slot: Slot): Promise<void> {
    try {
      slot.running = await slot.starting;
      const { process } = slot.running;
      // The sign-in, or the control plane, may have ended meanwhile.
      if (this.#slots.get(key) !== slot) void process.stop();
      await process.ended;
      if (!process.stopping) this.#backOff.failed(key, this.now() - process.startedAt);
    } catch (error) {
      this.#backOff.failed(key, 0);
      const { code, detail } = asCoded(error);
      const fields = { server: shown(slot.server), code: shown(code), detail: shown(detail) };
      this.logger.warn('upstreams.start-failed', fields);
    } finally {
      if (this.#slots.get(key) === slot) this.#slots.delete(key);
    }
  }

  #makeRoom(): void {
    const idle = [...this.#slots].find(([, { running }]) => running !== undefined && !running.process.peer.busy);
    if (idle === undefined) {
      throw allBusy('hostedProcesses', `All ${this.limits.hosted.processes} processes of hosted servers are in use`);
    }
    this.#retire(...idle);
  }

  #retireWhere(matches: (slot: Slot) => boolean): void {
    for (const [key, slot] of this.#slots) if (matches(slot)) this.#retire(key, slot);
  }

  #retire(key: string, slot: Slot): void {
    this.#slots.delete(key);
    void slot.running?.process.stop();
  }
}

/** What was asked with the old secret is answered before its process ends. */
async function stopWhenIdle({ running }: Slot): Promise<void> {
  await running?.process.peer.idle();
  await running?.process.stop();
}

function accessHash({ access: { environment, files } }: Addressed): string {
  return createHash('sha256')
    .update(JSON.stringify([environment, files]))
    .digest('base64');
}

function backingOff(wait: number): CodedError {
  const seconds = Math.ceil(wait / 1000);
  return new CodedError('upstream_unreachable', {
    message: `The MCP server failed and is started again in ${seconds} s at the earliest. The call was not made.`,
  });
}
