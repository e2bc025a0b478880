import { createHash } from 'node:crypto';
import type { JsonObject, JsonRpcNotification } from '#shared/mcp/json-rpc.js';
import { allBusy } from '../../config/limits.js';
import type { ServerSettings, Settings } from '../../config/settings.js';
import { beforeTheCall } from '../before-the-call.js';
import type { Connections } from '../connections.js';
import type { Listener, Listening } from '../listening.js';
import type { UpstreamLimits } from '../limits.js';
import { HeldBytes } from '../stdio/held-bytes.js';
import type { Transport } from '../transport.js';
import { urlOf, type Addressed, type UpstreamAnswer, type UpstreamRequest } from '../upstream-request.js';
import { SseSession } from './sse-session.js';

/** The stream of one server for one sign-in. */
interface Slot {
  readonly partition: string;
  readonly client: string;
  readonly settings: ServerSettings;
  /** Hash of the credential, so that a changed secret makes a new stream. */
  readonly access: string;
  readonly opening: Promise<SseSession>;
  session: SseSession | undefined;
}

/**
 * Servers of 2024-11-05 (`transport: sse`): one stream per sign-in and server, opened by the first call. A stream that
 * ends takes the calls under way with it, as `outcome_unknown`; the next call opens another, and nothing is sent again.
 */
export class SseServers implements Transport {
  readonly #slots = new Map<string, Slot>();
  readonly #waiting: HeldBytes;

  constructor(
    private readonly connections: Connections,
    private readonly limits: UpstreamLimits,
    private readonly now: () => number = Date.now,
  ) {
    this.#waiting = new HeldBytes(limits.waiting);
  }

  /** Sends a request, once, and resolves when its answer begins. */
  async open(request: Addressed<UpstreamRequest>): Promise<UpstreamAnswer> {
    return await (await beforeTheCall(this.#acquire(request))).send(request);
  }

  /** What the server says of itself, as a `server/discover` result. */
  async describe(scope: Addressed): Promise<JsonObject> {
    return (await beforeTheCall(this.#acquire(scope))).description;
  }

  async notify(scope: Addressed, message: JsonRpcNotification): Promise<void> {
    (await beforeTheCall(this.#acquire(scope))).peer.notify(message.method, message.params);
  }

  async listen(scope: Addressed, _meta: JsonObject, listener: Listener): Promise<Listening> {
    return (await beforeTheCall(this.#acquire(scope))).peer.events.listen(listener);
  }

  /** A sign-in, or one client of it, has ended: its streams end with it. */
  endPartition(partition: string, client?: string): void {
    this.#closeWhere((slot) => slot.partition === partition && (client === undefined || slot.client === client));
  }

  /** Streams of servers that changed or went end when what was asked there is answered. */
  keep(servers: Settings['servers']): void {
    const known = new Set<ServerSettings>(Object.values(servers));
    for (const [key, slot] of this.#slots) {
      if (known.has(slot.settings)) continue;
      this.#slots.delete(key);
      void closeWhenIdle(slot);
    }
  }

  closeIdle(): void {
    const since = this.now() - this.limits.sessionIdle;
    this.#closeWhere(({ session }) => isIdle(session) && !session.peer.heard && session.peer.lastActive < since);
  }

  close(): void {
    this.#closeWhere(() => true);
  }

  async #acquire(scope: Addressed): Promise<SseSession> {
    const key = JSON.stringify([scope.partition, scope.server, scope.client.key]);
    const access = accessHash(scope);
    const known = this.#slots.get(key);
    this.#slots.delete(key);
    const same = known?.access === access && known.settings === scope.settings;
    if (known && !same) void closeWhenIdle(known);
    const slot = same ? known : this.#open(key, access, scope);
    // Least recently used first, so that the bound ends the idlest.
    this.#slots.set(key, slot);
    const session = await slot.opening;
    session.access = scope.access;
    return session;
  }

  #open(key: string, access: string, scope: Addressed): Slot {
    // The sign-in may have ended since the call arrived: its stream would be nobody's.
    scope.signal.throwIfAborted();
    if (this.#slots.size >= this.limits.streams) this.#makeRoom();
    const { partition, client, settings } = scope;
    const opening = SseSession.open(this.connections, urlOf(settings), scope, this.limits, this.#waiting);
    const slot: Slot = { partition, client: client.key, settings, access, opening, session: undefined };
    void this.#follow(key, slot);
    return slot;
  }

  /** From the opening of a slot's stream to its end. */
  async #follow(key: string, slot: Slot): Promise<void> {
    try {
      slot.session = await slot.opening;
      // The sign-in may have ended meanwhile.
      if (this.#slots.get(key) !== slot) slot.session.close();
      await slot.session.ended;
    } catch {
      // Whoever waits for the opening hears why it failed.
    } finally {
      if (this.#slots.get(key) === slot) this.#slots.delete(key);
    }
  }

  #makeRoom(): void {
    const idle = [...this.#slots].find(([, { session }]) => isIdle(session));
    if (idle === undefined) throw allBusy('sseStreams', `All ${this.limits.streams} HTTP+SSE streams are in use`);
    this.#closeWhere((slot) => slot === idle[1]);
  }

  #closeWhere(matches: (slot: Slot) => boolean): void {
    for (const [key, slot] of this.#slots) {
      if (!matches(slot)) continue;
      this.#slots.delete(key);
      slot.session?.close();
    }
  }
}

/** What was asked of the server as it was is answered before its stream ends. */
async function closeWhenIdle({ session }: Slot): Promise<void> {
  await session?.peer.idle();
  session?.close();
}

function isIdle(session: SseSession | undefined): session is SseSession {
  return session !== undefined && !session.peer.busy;
}

function accessHash({ access: { headers, query } }: Addressed): string {
  return createHash('sha256')
    .update(JSON.stringify([headers, query]))
    .digest('base64');
}
