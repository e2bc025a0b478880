import { Inject, Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { errorText } from '#shared/errors.js';
import { CONFIG } from '../../config/config.module.js';
import type { LoadedConfig } from '../../config/settings.js';
import { MessagingService } from '../../messaging/messaging.service.js';
import { Logger, shown } from '../../observability/logger.js';
import { Metrics } from '../../observability/metrics.js';
import { Leadership } from '../../storage/leadership/leadership.js';
import { StorageService } from '../../storage/storage.service.js';
import { isLate } from '../delivery/lateness.js';
import { RecordLog } from '../record-log.js';
import { placesOf } from './places.js';
import { Publisher } from './publisher.js';
import { waitingAt } from './waiting-checkpoints.js';

const LOOK_MS = 1_000;
/** For the attempt under way, when everything stops. */
const LAST_MS = 2_000;

/** Brings signed checkpoints to where nobody can change them from here. One replica does it for all. */
@Injectable()
export class CheckpointsService implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #publishers: readonly Publisher[];
  readonly #late = new Map<string, string>();
  readonly #under = new Map<Publisher, Promise<void>>();
  readonly #stop = new AbortController();
  #timer: NodeJS.Timeout | undefined;

  constructor(
    @Inject(CONFIG) config: LoadedConfig,
    @Inject(RecordLog) records: RecordLog,
    @Inject(StorageService) private readonly storage: StorageService,
    @Inject(Leadership) private readonly leadership: Leadership,
    @Inject(MessagingService) private readonly messaging: MessagingService,
    @Inject(Logger) private readonly logger: Logger,
    @Inject(Metrics) private readonly metrics: Metrics,
  ) {
    const { everySeconds: seconds, everyRecords } = config.settings.audit.checkpoints;
    const parts = { db: storage.db, records, logger, every: { seconds, records: everyRecords } };
    this.#publishers = placesOf(config).map((place) => new Publisher(place, parts));
  }

  onApplicationBootstrap(): void {
    if (this.#publishers.length === 0) return;
    this.leadership.onGained('export', () => undefined);
    this.#timer = setInterval(() => void this.look(), LOOK_MS).unref();
  }

  async beforeApplicationShutdown(): Promise<void> {
    clearInterval(this.#timer);
    const timer = setTimeout(() => this.#stop.abort(), LAST_MS);
    await Promise.all(this.#under.values());
    clearTimeout(timer);
  }

  /** For operators: one sentence each. */
  get notes(): readonly string[] {
    return [...this.#late.values()];
  }

  /** One round at every place that has none under way; a slow place keeps no other waiting. Never rejects. `now`: epoch milliseconds. */
  async look(now = Date.now()): Promise<void> {
    if (!this.leadership.holds('export')) return this.#forget();
    const idle = this.#publishers.filter((publisher) => !this.#under.has(publisher));
    for (const publisher of idle) {
      const round = this.#round(publisher, now).finally(() => this.#under.delete(publisher));
      this.#under.set(publisher, round);
    }
    await Promise.all(this.#under.values());
  }

  /** What another replica measures from now on. */
  #forget(): void {
    this.#late.clear();
    for (const publisher of this.#publishers) publisher.forgetFailures();
    for (const gauge of [this.metrics.checkpointsWaiting, this.metrics.checkpointLag]) gauge.reset();
  }

  async #round(publisher: Publisher, now: number): Promise<void> {
    await publisher.go(now, this.#stop.signal);
    try {
      await this.#measure(publisher, now);
    } catch (error) {
      const name = shown(publisher.place.name);
      this.logger.error('audit.checkpoints-unmeasured', { place: name, error: shown(errorText(error)) });
    }
  }

  async #measure({ place: { name }, failure, failingSince }: Publisher, now: number): Promise<void> {
    const { count, since } = await waitingAt(this.storage.db, name);
    // Where none can be made none waits, and the place has nothing all the same.
    const late = Math.max(0, now - Math.min(since ?? now, failingSince ?? now));
    this.metrics.checkpointsWaiting.set({ place: name }, count);
    this.metrics.checkpointLag.set({ place: name }, late / 1000);
    if (!isLate(late, this.#late.has(name))) return void this.#late.delete(name);
    const sentence = `Audit checkpoints do not reach ${name} since ${new Date(now - late).toISOString()} (${failure ?? 'it is slower than they come'}); ${count} wait. Until they do, nobody elsewhere can prove what the log was then.`;
    if (!this.#late.has(name)) this.messaging.announce({ kind: 'audit.alarm', at: now, sentence, subject: name });
    this.#late.set(name, sentence);
  }
}
