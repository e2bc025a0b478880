import type { JsonObject } from '#shared/mcp/json-rpc.js';
import type { SessionEvents } from './session-events.js';
import type { Access } from './upstream-request.js';

/** A session that a legacy upstream gave us, for one person's sign-in at one server. */
export interface LegacySession {
  readonly server: string;
  readonly partition: string;
  /** `ClientSide.key`. */
  readonly client: string;
  /** `Mcp-Session-Id`; a server without sessions gives none. */
  readonly id: string | undefined;
  readonly version: string;
  /** The server's result of `initialize`. */
  readonly initialize: JsonObject;
  /** What the server says outside of calls. */
  readonly events: SessionEvents;
  /** Ends the session at the server. */
  readonly close: () => void;
  /** Of the latest call: what the session does beside calls is opened by the same. */
  access: Access;
  /** The log level that the server was last told. */
  logLevel: string | undefined;
  lastRequestId: number;
  lastUsed: number;
}

interface Slot {
  readonly partition: string;
  readonly server: string;
  readonly client: string;
  readonly opening: Promise<LegacySession>;
  session: LegacySession | undefined;
}

/** Sessions of one sign-in at one server: each of its clients has one. */
const CLIENTS = 16;

type Owner = Pick<LegacySession, 'partition' | 'server' | 'client'>;

/** Open sessions by sign-in, server and client, never shared between them; bounded, and idle ones are closed. */
export class LegacySessions {
  readonly #slots = new Map<string, Slot>();

  constructor(
    private readonly bounds: { readonly sessions: number; readonly sessionIdle: number },
    private readonly now: () => number = Date.now,
  ) {}

  /** The open session, or the one that `open` makes; callers at the same moment share one handshake. */
  async acquire(owner: Owner, open: () => Promise<LegacySession>): Promise<LegacySession> {
    const key = keyOf(owner);
    const slot = this.#slots.get(key) ?? this.#open(key, owner, open);
    // Least recently used first, so that the bound closes the idlest.
    this.#slots.delete(key);
    this.#slots.set(key, slot);
    const session = await slot.opening;
    session.lastUsed = this.now();
    return session;
  }

  /** Forgets a session that its server no longer knows. */
  forget(session: LegacySession): void {
    const key = keyOf(session);
    if (this.#slots.get(key)?.session === session) this.#slots.delete(key);
  }

  closePartition(partition: string): void {
    this.#closeWhere((slot) => slot.partition === partition);
  }

  closeClient(partition: string, client: string): void {
    this.#closeWhere((slot) => slot.partition === partition && slot.client === client);
  }

  closeIdle(): void {
    const limit = this.now() - this.bounds.sessionIdle;
    this.#closeWhere(({ session }) => session !== undefined && !session.events.heard && session.lastUsed < limit);
  }

  closeAll(): void {
    this.#closeWhere(() => true);
  }

  #open(key: string, { partition, server, client }: Owner, open: () => Promise<LegacySession>): Slot {
    const siblings = [...this.#slots].filter(([, slot]) => slot.partition === partition && slot.server === server);
    if (siblings.length >= CLIENTS) this.#closeWhere((_slot, other) => other === siblings[0]![0]);
    if (this.#slots.size >= this.bounds.sessions) this.#closeOldest();
    const slot: Slot = { partition, server, client, opening: open(), session: undefined };
    slot.opening.then(
      (session) => this.#opened(key, slot, session),
      () => this.#slots.get(key) === slot && this.#slots.delete(key),
    );
    return slot;
  }

  /** The sign-in may have ended while the handshake was under way. */
  #opened(key: string, slot: Slot, session: LegacySession): void {
    slot.session = session;
    if (this.#slots.get(key) !== slot) session.close();
  }

  #closeOldest(): void {
    const oldest = this.#slots.keys().next();
    if (!oldest.done) this.#closeWhere((_slot, key) => key === oldest.value);
  }

  #closeWhere(matches: (slot: Slot, key: string) => boolean): void {
    for (const [key, slot] of this.#slots) {
      if (!matches(slot, key)) continue;
      this.#slots.delete(key);
      slot.session?.close();
    }
  }
}

function keyOf({ partition, server, client }: Owner): string {
  return JSON.stringify([partition, server, client]);
}
