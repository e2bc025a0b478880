import { Inject, Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { errorText } from '#shared/errors.js';
import { CONFIG } from '../config/config.module.js';
import type { LoadedConfig } from '../config/settings.js';
import { Logger, shown } from '../observability/logger.js';
import { Metrics } from '../observability/metrics.js';
import { StorageService } from '../storage/storage.service.js';
import type { Announcement } from './announcement.js';
import type { Channel } from './channel.js';
import { channelsOf } from './channels.js';
import { Courier } from './courier.js';
import { messageOf } from './message.js';
import { Outbox } from './outbox.js';
import { MESSAGE_LIFETIME } from './retry-delay.js';

const LOOK_MS = 2_000;
const COUNT_EVERY = 5;
/** A channel that has taken nothing for so long is a note to operators. */
const LONG_MS = 600_000;
/** Announcements that are being written down at once. */
const MOST_UNWRITTEN = 1_000;

/** The one door to people outside: what is announced is on disk within moments, and sent at least once. */
@Injectable()
export class MessagingService implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #outbox: Outbox;
  readonly #couriers: readonly Courier[];
  readonly #unwritten = new Set<Promise<void>>();
  #notes: readonly string[] = [];
  #timer: NodeJS.Timeout | undefined;
  #counting: Promise<void> = Promise.resolve();
  #looks = 0;

  constructor(
    @Inject(CONFIG) private readonly config: LoadedConfig,
    @Inject(StorageService) storage: StorageService,
    @Inject(Logger) private readonly logger: Logger,
    @Inject(Metrics) private readonly metrics: Metrics,
  ) {
    this.#outbox = new Outbox(storage);
    const parts = { outbox: this.#outbox, logger, metrics };
    const channels = channelsOf(config, (count) => logger.warn('mail.recipients-refused', { count: shown(count) }));
    this.#couriers = channels.map((channel) => new Courier(channel, parts));
  }

  onApplicationBootstrap(): void {
    if (this.#couriers.length === 0) return;
    this.#timer = setInterval(() => this.#look(), LOOK_MS).unref();
    this.#look();
  }

  async beforeApplicationShutdown(): Promise<void> {
    clearInterval(this.#timer);
    await this.settled();
    await Promise.all(this.#couriers.map((courier) => courier.stop()));
    await this.#counting;
  }

  /** For operators: one sentence each. */
  get notes(): readonly string[] {
    return this.#notes;
  }

  /** Returns at once and never throws: nobody is kept waiting because others are to be told. What cannot be queued is in the log. */
  announce(announcement: Announcement): void {
    const couriers = this.#couriers.filter(({ channel }) => wants(channel, announcement));
    if (couriers.length === 0) return;
    if (this.#unwritten.size >= MOST_UNWRITTEN) return this.#lost(announcement, 'too many at once');
    const writing = this.#write(announcement, couriers).finally(() => this.#unwritten.delete(writing));
    this.#unwritten.add(writing);
  }

  /** As `announce`, for what its sender keeps until it is queued: false where that is not possible now. */
  async queue(announcement: Announcement): Promise<boolean> {
    const couriers = this.#couriers.filter(({ channel }) => wants(channel, announcement));
    try {
      await this.#put(announcement, couriers);
      return true;
    } catch (error) {
      const about = shown(announcement.kind);
      this.logger.warn('announcement.not-queued', { about, error: shown(errorText(error)) });
      return false;
    }
  }

  /** Resolves when all that was announced so far is on disk, or in the log as lost. */
  async settled(): Promise<void> {
    await Promise.all(this.#unwritten);
  }

  async #write(announcement: Announcement, couriers: readonly Courier[]): Promise<void> {
    try {
      await this.#put(announcement, couriers);
    } catch (error) {
      this.#lost(announcement, errorText(error));
    }
  }

  async #put(announcement: Announcement, couriers: readonly Courier[]): Promise<void> {
    const message = messageOf(announcement, this.config.settings.publicUrl);
    for (const courier of couriers) {
      const isQueued = await this.#outbox.put(courier.channel.name, message, Date.now());
      if (isQueued) void courier.go();
      else this.#lost(announcement, `too many wait for ${courier.channel.name}`);
    }
  }

  #lost({ kind, subject, record }: Announcement, why: string): void {
    this.logger.error('announcement.lost', {
      about: shown(kind),
      subject: shown(subject),
      record: shown(record),
      error: shown(why),
    });
    this.metrics.messages.inc({ channel: 'none', outcome: 'dropped' });
  }

  #look(): void {
    for (const courier of this.#couriers) void courier.go();
    if (this.#looks++ % COUNT_EVERY === 0) this.#counting = this.#count();
  }

  /** Never rejects. */
  async #count(): Promise<void> {
    try {
      const now = Date.now();
      const outdated = await this.#outbox.removeOlder(now - 2 * MESSAGE_LIFETIME);
      if (outdated > 0) this.logger.error('messages.outdated', { count: shown(outdated) });
      const waiting = new Map((await this.#outbox.waiting()).map((one) => [one.channel, one]));
      for (const { channel } of this.#couriers) {
        this.metrics.messagesWaiting.set({ channel: channel.name }, waiting.get(channel.name)?.count ?? 0);
      }
      this.#notes = [...waiting.values()]
        .filter(({ since }) => now - since > LONG_MS)
        .map(({ channel, count, since }) => {
          return `${counted(count)} for ${channel} cannot be delivered; the oldest is of ${new Date(since).toISOString()}`;
        });
    } catch (error) {
      this.logger.error('messages.uncounted', { error: shown(errorText(error)) });
    }
  }
}

function wants({ events }: Channel, { kind }: Announcement): boolean {
  return events === undefined || events.has(kind);
}

function counted(count: number): string {
  return count === 1 ? '1 notification' : `${count} notifications`;
}
