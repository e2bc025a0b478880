import { errorText } from '#shared/errors.js';
import { openCheckpoint } from '#shared/audit-log/open-checkpoint.js';
import type { Kysely } from 'kysely';
import { type Logger, shown } from '../../observability/logger.js';
import type { Database } from '../../storage/schema.js';
import { retryAfter } from '../delivery/retry-after.js';
import { DeliveryFailure } from '../delivery/delivery-failure.js';
import type { RecordLog } from '../record-log.js';
import { dropOldCheckpoints } from './old-checkpoints.js';
import type { Place } from './place.js';
import { lastCheckpoint, markPublished, nextCheckpoint, putCheckpoint } from './waiting-checkpoints.js';

/** A whole attempt, whatever the other side does. */
const ATTEMPT_MS = 30_000;

export interface PublisherParts {
  readonly db: Kysely<Database>;
  readonly records: RecordLog;
  readonly logger: Logger;
  /** How much later than the last one the next checkpoint is made. */
  readonly every: { readonly seconds: number; readonly records: number };
}

/** Brings checkpoints to one place: each at least once, in order. What was published and not noted goes again. */
export class Publisher {
  #failures = 0;
  #restUntil = 0;
  #failure: string | undefined;
  #failingSince: number | undefined;

  constructor(
    readonly place: Place,
    private readonly parts: PublisherParts,
  ) {}

  /** Why the last attempt failed; undefined where it did not. */
  get failure(): string | undefined {
    return this.#failure;
  }

  /** Epoch milliseconds of the first failure since something worked; undefined where the last attempt did not fail. */
  get failingSince(): number | undefined {
    return this.#failingSince;
  }

  /** They are over, or what followed is another replica's. */
  forgetFailures(): void {
    this.#failures = 0;
    this.#failure = undefined;
    this.#failingSince = undefined;
  }

  /** Makes a checkpoint where it is time, and publishes what waits. Never rejects. `now`: epoch milliseconds. */
  async go(now: number, stop: AbortSignal): Promise<void> {
    try {
      await this.#make(now);
      while (!stop.aborted && now >= this.#restUntil && (await this.#publishNext(stop)));
    } catch (error) {
      if (!stop.aborted) this.#failed(error, now);
    }
  }

  async #make(now: number): Promise<void> {
    const { db, records, every } = this.parts;
    const newest = await db
      .selectFrom('audit_checkpoints')
      .select(['size', 'note'])
      .orderBy('size', 'desc')
      .limit(1)
      .executeTakeFirst();
    if (!newest) return;
    const last = await lastCheckpoint(db, this.place.name);
    const isDue =
      newest.size >= (last?.size ?? 0) + every.records || now >= (last?.made_at ?? 0) + every.seconds * 1000;
    if (newest.size <= (last?.size ?? 0) || !isDue) return;
    // Whatever stands in the database, only what our key has signed leaves the box as ours.
    const key = records.signer.verifierKeyFor(originOf(newest.note));
    if (openCheckpoint(newest.note, key)?.size !== newest.size) {
      throw new DeliveryFailure('the stored checkpoint is not one that the log’s key has signed');
    }
    await putCheckpoint(db, this.place.name, { ...newest, made_at: now });
  }

  /** Whether there may be more. */
  async #publishNext(stop: AbortSignal): Promise<boolean> {
    const { db, records } = this.parts;
    const { name } = this.place;
    const next = await nextCheckpoint(db, name);
    if (!next) {
      this.forgetFailures();
      return false;
    }
    const { size, note, made_at: madeAt } = next;
    const verifierKey = records.signer.verifierKeyFor(originOf(note));
    const signal = AbortSignal.any([stop, AbortSignal.timeout(ATTEMPT_MS)]);
    await this.place.publish({ size, note, madeAt, verifierKey }, signal);
    await markPublished(db, name, size, Date.now());
    await dropOldCheckpoints(db, name);
    this.forgetFailures();
    return true;
  }

  #failed(error: unknown, now: number): void {
    this.#failures += 1;
    this.#failingSince ??= now;
    this.#restUntil = now + retryAfter(this.#failures, Math.random());
    this.#failure = error instanceof DeliveryFailure ? error.message : 'the checkpoint could not be read or sent';
    this.parts.logger.warn('audit.checkpoint-failed', {
      place: shown(this.place.name),
      failures: shown(this.#failures),
      error: shown(errorText(error)),
    });
  }
}

function originOf(note: string): string {
  return note.slice(0, note.indexOf('\n'));
}
