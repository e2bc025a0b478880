import { Inject, Injectable, type BeforeApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { CodedError, errorText } from '#shared/errors.js';
import { isObject, type JsonObject } from '#shared/mcp/json-rpc.js';
import { AuditService } from '../../audit/audit.service.js';
import type { AuditWriter } from '../../audit/record.js';
import { ActiveCatalog } from '../../catalog/active-catalog.js';
import { coalesced } from '../../catalog/coalesced.js';
import type { Revision } from '../../catalog/revision.js';
import { faultText } from '../../config/fault-text.js';
import { Logger, shown } from '../../observability/logger.js';
import { Notifications } from '../../storage/notifications/notifications.js';
import { StorageService } from '../../storage/storage.service.js';
import { definitionOf } from './definition.js';
import { loadAccepted, loadSeen, storeObservation } from './definition-rows.js';
import {
  acceptedDefinitions,
  knownDefinitions,
  type KnownDefinition,
  type KnownDefinitions,
} from './known-definitions.js';
import { ListMemory, type Pin } from './list-memory.js';
import { readLock, type Lock } from './lock-file.js';
import { planObservation, type Observation } from './plan-observation.js';
import { isReviewed, stateOf, type ReviewRules, type SeenTool } from './review-state.js';

const NOTHING_SEEN: ReadonlyMap<string, SeenTool> = new Map();

/**
 * Which definitions of tools were accepted, and which wait for a reviewer (decision 029). Answers come from memory, which follows
 * the database as `CatalogService` does; what is new is stored before anybody is shown it.
 */
@Injectable()
export class DefinitionsService implements OnModuleInit, BeforeApplicationShutdown {
  /** Brings memory to what is stored. Never rejects. */
  readonly refresh = coalesced(() => this.#read());
  readonly #lists = new ListMemory();
  readonly #decided: ((server: string) => void)[] = [];
  readonly #accepted: (() => void)[] = [];
  #seen = new Map<string, ReadonlyMap<string, SeenTool>>();
  #known = new Map<string, Map<string, KnownDefinition>>();
  #revision: { readonly servers: Revision['servers']; readonly lock: Lock } = { servers: {}, lock: new Map() };
  /** Servers whose rows may have changed; `all` says so of every one. */
  #stale: Set<string> | 'all' = 'all';
  /** Grows with whatever says that rows may have changed. */
  #hints = 0;
  /** The hints that were known when the database was last read; undefined where it did not answer. */
  #answered: number | undefined;

  constructor(
    @Inject(ActiveCatalog) catalog: ActiveCatalog,
    @Inject(StorageService) private readonly storage: StorageService,
    @Inject(Notifications) private readonly notifications: Notifications,
    @Inject(AuditService) private readonly audit: AuditWriter,
    @Inject(Logger) private readonly logger: Logger,
  ) {
    catalog.follow(({ servers, policyFiles }) => {
      const { lock, faults } = readLock(policyFiles);
      if (faults.length > 0) throw new CodedError('config_invalid', { message: faults.map(faultText).join('\n') });
      return () => (this.#revision = { servers, lock });
    });
  }

  async onModuleInit(): Promise<void> {
    this.notifications.subscribe('definition-seen', (server) => this.#hear(server));
    this.notifications.subscribe('definition-decided', (server) => this.#hear(server, true));
    this.notifications.onGap(() => this.#hear());
    await this.refresh();
  }

  async beforeApplicationShutdown(): Promise<void> {
    // Whatever is under way ends before the database closes.
    await this.refresh();
  }

  /** The same answer for lists and for calls. False before anything was read. */
  isReviewed(server: string, tool: string): boolean {
    if (this.#answered === undefined) return false;
    return isReviewed(tool, this.#seen.get(server) ?? NOTHING_SEEN, this.rulesOf(server));
  }

  /** SHA-256 (hex) of the accepted definition that the server gave last; undefined where none was seen, or one waits. */
  pinOf(server: string, tool: string): string | undefined {
    if (!this.isReviewed(server, tool)) return undefined;
    const locked = this.#revision.lock.get(server)?.get(tool)?.keys() ?? [];
    return this.#seen.get(server)?.get(tool)?.last ?? [...locked].at(-1);
  }

  /** Tools of which a definition was seen and that may not be used until a reviewer has decided. */
  heldBack(server: string): readonly string[] {
    return [...(this.#seen.get(server)?.keys() ?? [])].filter((tool) => !this.isReviewed(server, tool)).toSorted();
  }

  /** After it, memory is what was stored a second ago or later. Throws `database_unavailable` where nobody can say. */
  async confirm(): Promise<void> {
    const { current } = this.notifications;
    if (current && this.#answered === this.#hints) return;
    if (!current) this.#stale = 'all';
    await this.refresh();
    if (this.#answered === undefined) throw new CodedError('database_unavailable', { detail: 'tool definitions' });
  }

  /**
   * Takes notice of a list of a server (items of `tools/list`): what was never seen is accepted or held back, on disk, before this
   * resolves. Resolves to the items whose definition is accepted. Throws `database_unavailable`.
   */
  async observe(server: string, items: readonly JsonObject[]): Promise<readonly JsonObject[]> {
    const pins = this.#lists.pinsOf(server, items);
    if (this.#hasNews(server, pins)) await this.#store(server, items, pins);
    const seen = this.#seen.get(server) ?? NOTHING_SEEN;
    const rules = this.rulesOf(server);
    return items.filter((_item, index) => {
      const { tool, sha256 } = pins[index]!;
      return stateOf(tool, sha256, seen.get(tool)?.states.get(sha256), rules) === 'accepted';
    });
  }

  /** Schemas of tools' arguments, for policies of a revision with these files. */
  knownAt(policyFiles: Revision['policyFiles']): KnownDefinitions {
    return knownDefinitions(this.#known, readLock(policyFiles).lock);
  }

  /** The accepted schema of a tool's arguments, as policies in force read it. */
  inputSchemaOf(server: string, tool: string): JsonObject | undefined {
    const locked = this.#revision.lock.get(server);
    if (locked === undefined) return this.#known.get(server)?.get(tool)?.inputSchema;
    return [...(locked.get(tool)?.values() ?? [])].at(-1)?.inputSchema;
  }

  /** The accepted definition of each tool of a server (items of `tools/list`): what may be offered without asking it. */
  async acceptedTools(server: string): Promise<readonly JsonObject[]> {
    const rules = this.rulesOf(server);
    const locked = [...(this.#revision.lock.get(server) ?? [])].flatMap(([tool, definitions]) =>
      [...definitions.values()].slice(-1).map((definition) => [tool, definition] as const),
    );
    const seen = (await loadAccepted(this.storage.db, server))
      .filter(({ tool, sha256 }) => stateOf(tool, sha256, 'accepted', rules) === 'accepted')
      .map(({ tool, text }) => [tool, JSON.parse(text) as JsonObject] as const);
    const tools = new Map<string, JsonObject>([...locked, ...seen]);
    return [...tools]
      .filter(([tool, { inputSchema }]) => isObject(inputSchema) && this.isReviewed(server, tool))
      .map(([, definition]) => definition);
  }

  rulesOf(server: string): ReviewRules {
    const { servers, lock } = this.#revision;
    const review = Object.hasOwn(servers, server) ? servers[server]!.review : 'required';
    const tools = lock.get(server);
    const locked = tools && new Map([...tools].map(([tool, hashes]) => [tool, new Set(hashes.keys())]));
    return { review, locked };
  }

  /** Somebody decided about definitions of a server, here or elsewhere. The listener must not throw. */
  onDecided(listener: (server: string) => void): void {
    this.#decided.push(listener);
  }

  /** What `knownAt` answers may be another. The listener must not throw. */
  onAccepted(listener: () => void): void {
    this.#accepted.push(listener);
  }

  #hasNews(server: string, pins: readonly Pin[]): boolean {
    const shownNow = pins.map((pin) => ({ ...pin, text: '', tooLong: false }));
    return isAnything(planObservation(shownNow, this.#seen.get(server) ?? NOTHING_SEEN, this.rulesOf(server)));
  }

  async #store(server: string, items: readonly JsonObject[], pins: readonly Pin[]): Promise<void> {
    const rules = this.rulesOf(server);
    const shownNow = items.map((item, index) => ({ ...definitionOf(item), ...pins[index]! }));
    try {
      const observation = await this.notifications.publishAll(async (transaction) => {
        const result = await storeObservation(transaction, server, shownNow, rules);
        return { result, notices: isAnything(result) ? [{ topic: 'definition-seen' as const, id: server }] : [] };
      });
      await this.refresh();
      await this.#record(server, observation);
    } catch (cause) {
      this.logger.error('definitions.not-stored', { server: shown(server), error: shown(errorText(cause)) });
      throw new CodedError('database_unavailable', { detail: 'tool definitions', cause });
    }
  }

  /** A definition is held back even where that cannot be recorded: showing it would be the worse failure. */
  async #record(server: string, { added }: Observation): Promise<void> {
    const held = added.filter(({ state }) => state === 'pending');
    if (held.length > 0) {
      this.logger.warn('definitions.held-back', { server: shown(server), tools: shown(held.length) });
    }
    const records = held.map(({ definition: { tool, sha256 } }) =>
      this.audit.write({
        type: 'review.hold',
        phase: 'event',
        facts: { server, target: tool, sha256 },
        subject: 'system',
        personal: {},
      }),
    );
    const failed = (await Promise.allSettled(records)).filter(({ status }) => status === 'rejected').length;
    if (failed > 0) this.logger.error('definitions.not-recorded', { server: shown(server), tools: shown(failed) });
  }

  #hear(server?: string, decided = false): void {
    this.#hints += 1;
    if (server === undefined) this.#stale = 'all';
    else if (this.#stale !== 'all') this.#stale.add(server);
    const read = this.refresh();
    if (server !== undefined && decided) void this.#tell(read, server);
  }

  async #tell(read: Promise<void>, server: string): Promise<void> {
    await read;
    for (const listener of this.#decided) listener(server);
  }

  async #read(): Promise<void> {
    const hints = this.#hints;
    const stale = this.#stale;
    this.#stale = new Set();
    try {
      if (stale === 'all') await this.#load();
      else for (const server of stale) await this.#load(server);
      this.#answered = hints;
    } catch (error) {
      this.#stale = 'all';
      this.#answered = undefined;
      this.logger.error('definitions.not-read', { error: shown(errorText(error)) });
    }
  }

  async #load(server?: string): Promise<void> {
    const { db } = this.storage;
    const seen = await loadSeen(db, server);
    const before = server === undefined ? [...this.#seen] : [[server, this.#seen.get(server) ?? NOTHING_SEEN] as const];
    if (acceptedPins(before) !== acceptedPins(seen)) await this.#loadAccepted(server);
    if (server === undefined) this.#seen = new Map(seen);
    else this.#seen.set(server, seen.get(server) ?? NOTHING_SEEN);
  }

  async #loadAccepted(server?: string): Promise<void> {
    const known = acceptedDefinitions(await loadAccepted(this.storage.db, server));
    if (server === undefined) this.#known = known;
    else this.#known.set(server, known.get(server) ?? new Map());
    for (const listener of this.#accepted) listener();
  }
}

/** The same text for the same accepted definitions. */
function acceptedPins(seen: Iterable<readonly [string, ReadonlyMap<string, SeenTool>]>): string {
  const pins = [...seen].flatMap(([server, tools]) =>
    [...tools].flatMap(([tool, { states, last }]) =>
      [...states]
        .filter(([, state]) => state === 'accepted')
        .map(([sha256]) => [server, tool, sha256, sha256 === last]),
    ),
  );
  return JSON.stringify(pins.map((pin) => JSON.stringify(pin)).toSorted());
}

function isAnything({ added, locked, again }: Observation): boolean {
  return added.length + locked.length + again.length > 0;
}
