import { setTimeout as delay } from 'node:timers/promises';
import type { Kysely } from 'kysely';
import { errorText } from '#shared/errors.js';
import { type Logger, shown } from '../../observability/logger.js';
import type { Metrics } from '../../observability/metrics.js';
import type { Database } from '../../storage/schema.js';
import type { SubjectKeys } from '../subject-keys.js';
import { advance, exportPosition, markFailing } from './export-positions.js';
import type { ExportedRecord } from './exported-record.js';
import { readBatch } from './read-batch.js';
import { retryAfter } from '../delivery/retry-after.js';
import { DeliveryFailure } from '../delivery/delivery-failure.js';
import type { Sink } from './sink.js';
import { waitingRecords } from './waiting-records.js';

/** How long a record waits at most before it is looked for. */
const LOOK_MS = 1_000;
/** A whole batch, whatever the other side does. */
const SEND_MS = 60_000;
/** For the batch under way, when everything stops. */
const LAST_MS = 2_000;

export interface ExporterParts {
  readonly db: Kysely<Database>;
  readonly keys: SubjectKeys;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** Whether this replica is the one that exports. */
  readonly leads: () => boolean;
}

/**
 * Brings the log to one sink: batch by batch, in order, from where it was left. At least once: what was sent and not
 * noted goes again, with the ids it had. Nothing is held in memory but the batch under way.
 */
export class Exporter {
  readonly #rest = new AbortController();
  readonly #stop = new AbortController();
  #running: Promise<void> = Promise.resolve();
  #failures = 0;
  /** Most records of the next batch. */
  #most: number;
  /** Of the batch that failed: it comes again as it was, though there are more by then. */
  #again: number | undefined;

  constructor(
    readonly sink: Sink,
    private readonly parts: ExporterParts,
  ) {
    this.#most = sink.most;
  }

  start(): void {
    this.#running = this.#run();
  }

  /** Leaves the batch under way a moment; where that is not enough, it goes again after the next start. */
  async stop(): Promise<void> {
    this.#rest.abort();
    const timer = setTimeout(() => this.#stop.abort(), LAST_MS);
    await this.#running;
    clearTimeout(timer);
    await this.sink.close?.();
  }

  async #run(): Promise<void> {
    while (!this.#rest.signal.aborted) {
      const rest = this.parts.leads() ? await this.#round() : LOOK_MS;
      if (rest > 0) await delay(rest, undefined, { signal: this.#rest.signal, ref: false }).catch(() => undefined);
    }
  }

  /** Resolves to the milliseconds until the next round. Never rejects. */
  async #round(): Promise<number> {
    try {
      const isMore = await this.#sendNext();
      this.#failures = 0;
      return isMore ? 0 : LOOK_MS;
    } catch (error) {
      if (this.#stop.signal.aborted) return LOOK_MS;
      this.#failures += 1;
      await this.#failed(error);
      const known = error instanceof DeliveryFailure ? error.retryAfterMs : undefined;
      return known ?? retryAfter(this.#failures, Math.random());
    }
  }

  /** Whether there may be more to send at once. */
  async #sendNext(): Promise<boolean> {
    const { db, keys, metrics } = this.parts;
    const { name, most } = this.sink;
    const { next } = await exportPosition(db, name, Date.now());
    if (this.#again === undefined && (await this.#isGathering(next))) return false;
    const records = await readBatch({ db, keys }, next, this.#again ?? this.#most);
    if (records.length === 0) return false;
    this.#again = records.length;
    if (!(await this.#isSent(records))) return true;
    this.#again = undefined;
    this.#most = Math.min(most, this.#most * 2);
    await advance(db, name, { from: next, to: next + records.length, now: Date.now() });
    metrics.exportedRecords.inc({ sink: name }, records.length);
    return true;
  }

  /** Whether what waits may wait for more. A record of a time that has yet to come waits for nobody. */
  async #isGathering(next: number): Promise<boolean> {
    const { gathersMs } = this.sink;
    if (gathersMs === undefined) return false;
    const { records, since } = await waitingRecords(this.parts.db, next);
    return since !== undefined && records < this.#most && Math.abs(Date.now() - since) < gathersMs;
  }

  /** Where a batch is too large, the next one is half of it. */
  async #isSent(records: readonly ExportedRecord[]): Promise<boolean> {
    try {
      await this.sink.send(records, AbortSignal.any([this.#stop.signal, AbortSignal.timeout(SEND_MS)]));
      return true;
    } catch (error) {
      if (!(error instanceof DeliveryFailure && error.isTooLarge) || records.length === 1) throw error;
      this.#most = Math.floor(records.length / 2);
      this.#again = undefined;
      return false;
    }
  }

  async #failed(cause: unknown): Promise<void> {
    const { db, logger, metrics } = this.parts;
    const { name } = this.sink;
    const why = cause instanceof DeliveryFailure ? cause.message : 'the batch could not be read or sent';
    logger.warn('audit.export-failed', {
      sink: shown(name),
      failures: shown(this.#failures),
      error: shown(errorText(cause)),
    });
    metrics.exportFailures.inc({ sink: name });
    // Where the database is away this fails too, and its own check says so.
    await markFailing(db, name, why, Date.now()).catch(() => undefined);
  }
}
