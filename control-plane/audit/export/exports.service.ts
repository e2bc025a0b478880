import { Inject, Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { errorText } from '#shared/errors.js';
import { CONFIG } from '../../config/config.module.js';
import type { LoadedConfig } from '../../config/settings.js';
import { MessagingService } from '../../messaging/messaging.service.js';
import { Logger, shown } from '../../observability/logger.js';
import { Metrics } from '../../observability/metrics.js';
import { Leadership } from '../../storage/leadership/leadership.js';
import { StorageService } from '../../storage/storage.service.js';
import { SubjectKeys } from '../subject-keys.js';
import { exportPosition, type ExportPosition } from './export-positions.js';
import { Exporter } from './exporter.js';
import { sinksOf } from './sinks.js';
import { waitingRecords } from './waiting-records.js';

const LOOK_MS = 5_000;
/** A sink that is so far behind is an alarm: people are told once, operators as long as it lasts. */
const LATE_MS = 300_000;

/** Brings the audit log to every sink of the settings. One replica does it for all. */
@Injectable()
export class ExportsService implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #exporters: readonly Exporter[];
  readonly #late = new Map<string, string>();
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> = Promise.resolve();

  constructor(
    @Inject(CONFIG) config: LoadedConfig,
    @Inject(StorageService) private readonly storage: StorageService,
    @Inject(Leadership) private readonly leadership: Leadership,
    @Inject(MessagingService) private readonly messaging: MessagingService,
    @Inject(Logger) private readonly logger: Logger,
    @Inject(Metrics) private readonly metrics: Metrics,
  ) {
    const leads = (): boolean => leadership.holds('export');
    const parts = { db: storage.db, keys: new SubjectKeys(storage), logger, metrics, leads };
    this.#exporters = sinksOf(config).map((sink) => new Exporter(sink, parts));
  }

  onApplicationBootstrap(): void {
    if (this.#exporters.length === 0) return;
    this.leadership.onGained('export', () => undefined);
    for (const exporter of this.#exporters) exporter.start();
    this.#timer = setInterval(() => this.#lookNext(), LOOK_MS).unref();
  }

  async beforeApplicationShutdown(): Promise<void> {
    clearInterval(this.#timer);
    await this.#looking;
    await Promise.all(this.#exporters.map((exporter) => exporter.stop()));
  }

  /** For operators: one sentence each. */
  get notes(): readonly string[] {
    return [...this.#late.values()];
  }

  #lookNext(): void {
    this.#looking = this.#looking.then(() => this.look());
  }

  /** How far each sink is behind: metrics, notes and the alarm. Never rejects. `now`: epoch milliseconds. */
  async look(now = Date.now()): Promise<void> {
    if (!this.leadership.holds('export')) return this.#forget();
    for (const { sink } of this.#exporters) {
      try {
        const position = await exportPosition(this.storage.db, sink.name, now);
        await this.#measure(sink.name, position, now);
      } catch (error) {
        this.logger.error('audit.export-unmeasured', { sink: shown(sink.name), error: shown(errorText(error)) });
      }
    }
  }

  /** What another replica measures from now on. */
  #forget(): void {
    this.#late.clear();
    for (const gauge of [this.metrics.exportWaiting, this.metrics.exportLag, this.metrics.exportFailing]) gauge.reset();
  }

  async #measure(name: string, { next, failingSince, failure }: ExportPosition, now: number): Promise<void> {
    const { records, since } = await waitingRecords(this.storage.db, next);
    const late = since === undefined ? 0 : Math.max(0, now - since);
    this.metrics.exportWaiting.set({ sink: name }, records);
    this.metrics.exportLag.set({ sink: name }, late / 1000);
    const failing = failingSince === null ? 0 : Math.max(0, now - failingSince);
    this.metrics.exportFailing.set({ sink: name }, failing / 1000);
    if (late < LATE_MS || since === undefined) return void this.#late.delete(name);
    const cause = failure === null ? 'it is slower than they come' : failure;
    const sentence = `The audit export ${name} is behind: ${records} records wait, the oldest since ${new Date(since).toISOString()} (${cause}). Nothing is lost; they are sent as soon as it takes them.`;
    if (!this.#late.has(name)) this.messaging.announce({ kind: 'audit.alarm', at: now, sentence, subject: name });
    this.#late.set(name, sentence);
  }
}
