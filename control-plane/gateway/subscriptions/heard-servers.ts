import { asCoded, CodedError } from '#shared/errors.js';
import type { JsonObject } from '#shared/mcp/json-rpc.js';
import { isObject, textOf } from '#shared/mcp/json-rpc.js';
import type { ServerSettings } from '../../config/settings.js';
import type { Decision } from '../../policy/decision.js';
import { RESOURCE_UPDATED, type Listener, type ListenFilter } from '../../upstreams/listening.js';
import { decisionFacts, recordOf, type Origin } from '../call/call-record.js';
import { decide } from '../call/decide.js';
import type { CallInFlight } from '../calls-in-flight.js';
import type { ListScope } from '../lists/fetch-list.js';
import type { ListChange } from '../lists/list-changes.js';
import { serversFor } from '../lists/visibility.js';
import { serverExists, type Parts } from '../parts.js';
import { listNotifications } from './list-notifications.js';
import { recordListening } from './record-listening.js';
import { ServerEar } from './server-ear.js';
import { ServerEars } from './server-ears.js';
import { Telling } from './telling.js';

/** URIs by server, by its own names. */
export type UrisByServer = ReadonlyMap<string, Iterable<string>>;

/** One client's stream, and what it wants to hear. */
export interface ClientStream {
  readonly origin: Origin;
  /** The server of `/mcp/{server}`, undefined at `/mcp`. */
  readonly endpoint: string | undefined;
  readonly call: CallInFlight;
  readonly scope: ListScope;
  /** As what it is on record. */
  readonly target: string;
  /** Of every server, apart from its resources. */
  readonly filter: ListenFilter;
  /** The resources of which it wants to hear; asked for once, when the stream is on record. */
  readonly uris: (parts: Parts) => Promise<UrisByServer>;
  /** Before anything is sent. */
  readonly begin: () => void;
  readonly send: (server: string | undefined, message: JsonObject) => void;
  readonly asked?: (server: string, ...question: Parameters<NonNullable<Listener['asked']>>) => void;
}

interface Heard {
  readonly ears: ServerEars;
  readonly settings: ServerSettings | undefined;
  readonly uris: readonly string[];
}

/**
 * Hears the servers of one client's stream, and follows the catalog: each revision judges anew whom and what the client
 * may hear, and tells it that the lists may have changed. What is not permitted any more ends the moment it becomes active.
 */
export class HeardServers {
  readonly #heard = new Map<string, Heard>();
  readonly #denied = new Map<string, Set<string>>();
  readonly #current: () => Parts;
  readonly #changes: Disposable;
  readonly #telling: Telling;
  #uris: UrisByServer | undefined;
  #following: Promise<void> = Promise.resolve();
  #begun = false;
  #closed = false;

  constructor(
    parts: Pick<Parts, 'current' | 'changes'>,
    private readonly stream: ClientStream,
  ) {
    this.#current = parts.current;
    this.#telling = new Telling((lists) => this.#guarded(() => this.#tell(lists)));
    this.#changes = parts.changes.onChange((change, within) => this.#changed(change, within));
  }

  /** Begins to hear. Throws `server_unknown` where the person may use nothing of the endpoint, and `audit_unavailable`. */
  async open(): Promise<void> {
    this.#following = this.#follow();
    await this.#following;
  }

  /** Settles when each server was asked for the first time, whatever it said. */
  async ready(): Promise<void> {
    await Promise.all([...this.#heard.values()].map(({ ears }) => ears.ready));
  }

  /** The client has subscribed to a resource of the server, or does so no more: decided, and on record. */
  subscriptionsChanged(server: string): void {
    this.#guarded(() => this.#hear(this.#current(), server));
  }

  close(): void {
    this.#closed = true;
    this.#changes[Symbol.dispose]();
    this.#telling.close();
    for (const server of this.#heard.keys()) this.#end(server);
  }

  #changed({ server, person, lists }: ListChange, within: number): void {
    // While it opens, it sees by itself that the revision is another.
    if (!this.#begun) return;
    if (person !== undefined && person !== this.stream.origin.caller.session.person.id) return;
    this.#guarded(() => {
      if (server === undefined) {
        const parts = this.#current();
        this.#narrow(parts, this.#servers(parts));
        this.#following = this.#following.then(() => this.#follow());
        this.#following.catch((error: unknown) => this.stream.call.abort(asCoded(error)));
      } else if (!this.#heard.has(server)) return;
      this.#telling.later(lists, within);
    });
  }

  #tell(lists: ListChange['lists']): void {
    for (const message of listNotifications(lists, this.stream.filter)) this.stream.send(undefined, message);
  }

  /** Whatever cannot be judged ends the stream. */
  #guarded(step: () => void): void {
    if (this.#closed) return;
    try {
      step();
    } catch (error) {
      this.stream.call.abort(asCoded(error));
    }
  }

  /** Until what was judged is judged by the revision that is active. */
  async #follow(): Promise<void> {
    const { origin, endpoint, target } = this.stream;
    for (;;) {
      if (this.#closed) return;
      const parts = this.#current();
      const servers = this.#servers(parts);
      const same = servers.every((server) => this.#heard.get(server)?.settings === parts.servers[server]);
      if (servers.length === 0 || !same) {
        await recordListening(parts.audit, origin, target, endpoint, servers.length > 0);
      }
      if (endpoint !== undefined && servers.length === 0) throw new CodedError('server_unknown');
      this.#uris ??= await this.stream.uris(parts);
      await this.#judge(parts, this.#uris);
      if (this.#closed || this.#current() !== parts) continue;
      this.#begin();
      this.#narrow(parts, servers);
      for (const server of servers) this.#hear(parts, server);
      return;
    }
  }

  #begin(): void {
    if (!this.#begun) this.stream.begin();
    this.#begun = true;
  }

  #servers(parts: Parts): string[] {
    const { origin, endpoint } = this.stream;
    return serversFor(parts, origin, endpoint);
  }

  /** What was permitted and no longer is, is on record. */
  async #judge(parts: Parts, uris: UrisByServer): Promise<void> {
    for (const [server, wanted] of uris) {
      const before = this.#denied.get(server) ?? new Set();
      const denied = new Set<string>();
      for (const uri of serverExists(parts, server) ? wanted : []) {
        const decision = this.#decide(parts, server, uri);
        if (decision.outcome === 'allow') continue;
        denied.add(uri);
        if (before.has(uri)) continue;
        const facts = { server, ...decisionFacts(decision) };
        const { origin } = this.stream;
        await parts.audit.write(
          recordOf(origin, 'resource.read', 'event', facts, { reason: decision.reason, target: uri }),
        );
      }
      this.#denied.set(server, denied);
    }
  }

  #decide(parts: Parts, server: string, uri: string): Decision {
    return decide(parts.policy, this.stream.origin, server, { kind: 'resource', name: uri }, {});
  }

  /** Nothing more is heard of other servers, and of those that were changed. */
  #narrow(parts: Parts, servers: readonly string[]): void {
    for (const [server, { settings }] of this.#heard) {
      if (!servers.includes(server) || parts.servers[server] !== settings) this.#end(server);
    }
  }

  #hear(parts: Parts, server: string): void {
    const denied = this.#denied.get(server);
    const uris = [...(this.#uris?.get(server) ?? [])].filter((uri) => denied?.has(uri) !== true);
    const older = this.#heard.get(server);
    if (older && older.uris.length === uris.length && older.uris.every((uri) => uris.includes(uri))) return;
    const ears = older?.ears ?? new ServerEars((message) => this.#guarded(() => this.#say(server, message)));
    this.#heard.set(server, { ears, settings: parts.servers[server], uris });
    const { scope, filter } = this.stream;
    const wanted = { ...filter, resourceSubscriptions: uris };
    ears.open((say) => new ServerEar(parts, server, scope, wanted, say, this.#asked(server)));
  }

  /** Throws where nothing may be served. A resource is judged by the policy of this moment. */
  #say(server: string, message: JsonObject): void {
    const parts = this.#current();
    if (message['method'] === RESOURCE_UPDATED) {
      const uri = isObject(message['params']) ? textOf(message['params']['uri']) : '';
      if (this.#decide(parts, server, uri).outcome !== 'allow') return;
    }
    this.stream.send(server, message);
  }

  #asked(server: string): Listener['asked'] {
    const { asked } = this.stream;
    if (asked === undefined) return undefined;
    return (request, reply) =>
      this.#guarded(() => {
        this.#current();
        asked(server, request, reply);
      });
  }

  #end(server: string): void {
    this.#heard.get(server)?.ears.close();
    this.#heard.delete(server);
  }
}
