import { Inject, Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import { errorText } from '#shared/errors.js';
import { Logger, shown } from '../../observability/logger.js';
import { Metrics } from '../../observability/metrics.js';
import { Notifications } from '../../storage/notifications/notifications.js';
import { StorageService } from '../../storage/storage.service.js';
import type { GrantUse, PolicyTarget } from '../decision.js';
import { coveringGrant, targetText } from './covering-grant.js';
import { Doubts } from './doubts.js';
import type { Grant } from './grant.js';
import { openGrant, readLiveGrants } from './grant-rows.js';

const LOOK_MS = 1_000;
/** Milliseconds that a reading counts while notices may be missed. */
const FRESH_MS = 1_000;
/** Of all people together; `GrantsService` gives no more. */
export const MAX_LIVE_GRANTS = 10_000;

type ByPerson = ReadonlyMap<string, readonly Grant[]>;

/**
 * The grants that decisions read from memory. Where memory may be behind the database, and nobody could ask, there is no
 * grant: a policy then decides as if none had been given.
 */
@Injectable()
export class LiveGrants implements BeforeApplicationShutdown {
  readonly #listeners: ((person: string) => void)[] = [];
  readonly #timer: NodeJS.Timeout;
  readonly #doubts = new Doubts();
  /** Servers that went away: what was given for them is over, whatever is stored. */
  readonly #removed = new Set<string>();
  #byPerson: ByPerson = new Map();
  #unreviewed: readonly Grant[] = [];
  /** `performance.now()` when the last good reading began. */
  #readAt = -Infinity;
  #reading: Promise<void> | undefined;
  #closed = false;

  constructor(
    @Inject(StorageService) private readonly storage: StorageService,
    @Inject(Notifications) private readonly notifications: Notifications,
    @Inject(Logger) private readonly logger: Logger,
    @Inject(Metrics) private readonly metrics: Metrics,
  ) {
    notifications.subscribe('grants', (person) => this.#hear(person));
    notifications.onGap(() => this.#hear(undefined));
    this.#timer = setInterval(() => this.#look(), LOOK_MS).unref();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#timer);
    await this.#reading?.catch(() => undefined);
  }

  /** `now`: epoch milliseconds, the clock that alone says when a grant is over. */
  grantFor(
    person: string,
    server: string,
    target: Pick<PolicyTarget, 'kind' | 'name'>,
    now: number,
  ): GrantUse | undefined {
    const grants = this.#byPerson.get(person);
    if (grants === undefined || this.#removed.has(server) || !this.#knows(person)) return undefined;
    return coveringGrant(grants, server, target, now);
  }

  /** After it, memory is what was stored a second ago or later. Where that can't be had, there are no grants. */
  async confirm(): Promise<void> {
    if (this.notifications.current && !this.#doubts.any) return;
    await this.#read().catch((error: unknown) => this.#unread(error));
  }

  /** Break-glass that nobody has reviewed, for operators: one sentence each. */
  get notes(): readonly string[] {
    return this.#unreviewed.map(
      (grant) =>
        `break-glass access ${grant.id} to ${targetText(grant)} was taken and waits for a review: mcp-sso grants review ${grant.id}`,
    );
  }

  /** Live grants of everyone, as far as memory knows. */
  get count(): number {
    return [...this.#byPerson.values()].reduce((sum, grants) => sum + grants.length, 0);
  }

  /** Whose grants have begun or ended. The listener must not throw. */
  onChanged(listener: (person: string) => void): void {
    this.#listeners.push(listener);
  }

  /** From now on nothing that was given for these servers opens anything, until `restored`. */
  remove(servers: readonly string[]): void {
    for (const server of servers) this.#removed.add(server);
  }

  restored(servers: readonly string[]): void {
    for (const server of servers) this.#removed.delete(server);
  }

  #knows(person: string): boolean {
    if (this.#doubts.about(person)) return false;
    return this.notifications.current || performance.now() - this.#readAt < FRESH_MS;
  }

  #hear(person: string | undefined): void {
    this.#doubts.add(person);
    this.#readAgain();
  }

  /** Lists change when a grant runs out; what could not be read is read as soon as that works. */
  #look(): void {
    const now = Date.now();
    this.#adopt(new Map([...this.#byPerson].map(([person, grants]) => [person, unexpired(grants, now)])));
    if (this.#doubts.any) this.#readAgain();
  }

  #readAgain(): void {
    if (!this.#closed) this.#read().catch((error: unknown) => this.#unread(error));
  }

  #unread(error: unknown): void {
    this.logger.error('grants.unread', { error: shown(errorText(error)) });
  }

  async #read(): Promise<void> {
    this.#reading ??= this.#follow().finally(() => (this.#reading = undefined));
    return this.#reading;
  }

  async #follow(): Promise<void> {
    do {
      const heard = this.#doubts.heard;
      const begun = performance.now();
      const { live, unreviewed } = await readLiveGrants(this.storage.db, Date.now(), MAX_LIVE_GRANTS);
      this.#adopt(Map.groupBy(this.#opened(live), ({ person }) => person));
      this.#unreviewed = this.#opened(unreviewed);
      this.metrics.breakGlass.set({ state: 'grant' }, this.#unreviewed.length);
      this.#doubts.settle(heard);
      this.#readAt = begun;
    } while (this.#doubts.any);
  }

  /** What does not open was not given by us. */
  #opened(rows: readonly Parameters<typeof openGrant>[1][]): Grant[] {
    return rows.flatMap((row) => {
      try {
        return [openGrant(this.storage, row)];
      } catch (error) {
        this.logger.error('grants.damaged', { grant: shown(row.id), error: shown(errorText(error)) });
        return [];
      }
    });
  }

  #adopt(next: ByPerson): void {
    const before = this.#byPerson;
    this.#byPerson = new Map([...next].filter(([, grants]) => grants.length > 0));
    for (const person of new Set([...before.keys(), ...next.keys()])) {
      if (idsOf(before.get(person)) === idsOf(next.get(person))) continue;
      for (const listener of this.#listeners) listener(person);
    }
  }
}

function unexpired(grants: readonly Grant[], now: number): readonly Grant[] {
  return grants.filter(({ expiresAt }) => now < expiresAt);
}

function idsOf(grants: readonly Grant[] = []): string {
  return grants.map(({ id }) => id).join(' ');
}
