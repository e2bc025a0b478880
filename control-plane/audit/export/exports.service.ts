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
import { SubjectKeys } from '../subject-keys.js';
import { exportPosition, type ExportPosition } from './export-positions.js';
import { Exporter } from './exporter.js';
import { sinksOf } from './sinks.js';
import { behindMs, waitingRecords } from './waiting-records.js';

const LOOK_MS = 5_000;

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
    const waiting = await waitingRecords(this.storage.db, next);
    const failing = failingSince === null ? 0 : Math.max(0, now - failingSince);
    const behind = behindMs(waiting, failingSince, now);
    this.metrics.exportWaiting.set({ sink: name }, waiting.records);
    this.metrics.exportLag.set({ sink: name }, behind / 1000);
    this.metrics.exportFailing.set({ sink: name }, failing / 1000);
    if (!isLate(behind, this.#late.has(name))) return void this.#late.delete(name);
    const oldest = new Date(now - behind).toISOString();
    const sentence = `The audit export ${name} is behind: ${counted(waiting.records)} since ${oldest} (${failure ?? 'it is slower than they come'}). What waits stays in the log until it is taken.`;
    if (!this.#late.has(name)) this.messaging.announce({ kind: 'audit.alarm', at: now, sentence, subject: name });
    this.#late.set(name, sentence);
  }
}

function counted(records: number): string {
  return records === 1 ? '1 record waits' : `${records} records wait, the oldest`;
}
