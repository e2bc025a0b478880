import { Inject, Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import type { Kysely } from 'kysely';
import { expiryTarget } from '#shared/audit-log/expiry-claims.js';
import { errorText } from '#shared/errors.js';
import { boundsOf, monthOf } from '#shared/audit-log/record-month.js';
import { CONFIG } from '../../config/config.module.js';
import type { LoadedConfig } from '../../config/settings.js';
import { MessagingService } from '../../messaging/messaging.service.js';
import { Logger, shown } from '../../observability/logger.js';
import { databaseClock } from '../../storage/database-clock.js';
import { Leadership } from '../../storage/leadership/leadership.js';
import { makePartitionsAhead } from '../../storage/payload-partitions.js';
import type { Database } from '../../storage/schema.js';
import { StorageService } from '../../storage/storage.service.js';
import { AuditService } from '../audit.service.js';
import { shrinkFile } from './delete-rows.js';
import { dueMonths, type MonthOfKind } from './due-months.js';
import { doneMonths } from './expirations.js';
import { expireMonth } from './expire-month.js';
import { sinksBehind } from './sinks-behind.js';

/** The first time that long after a start, so that whoever reads in the log what is due can still stop it. */
const EVERY = 3_600_000;

/** Removes what is personal of records that `audit.retention` keeps no longer, month by month. One replica does it for all. */
@Injectable()
export class RetentionService implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #told = new Set<string>();
  readonly #stop = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> = Promise.resolve();

  constructor(
    @Inject(CONFIG) private readonly config: LoadedConfig,
    @Inject(StorageService) private readonly storage: StorageService,
    @Inject(AuditService) private readonly audit: AuditService,
    @Inject(Leadership) private readonly leadership: Leadership,
    @Inject(MessagingService) private readonly messaging: MessagingService,
    @Inject(Logger) private readonly logger: Logger,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    this.leadership.onGained('expiry', () => undefined);
    this.#timer = setInterval(() => this.#inTurn(), EVERY).unref();
    await this.announce(Date.now());
  }

  async beforeApplicationShutdown(): Promise<void> {
    clearInterval(this.#timer);
    this.#stop.abort();
    await this.#running;
  }

  /** Says in the log how long each kind is kept, and what will go. Never rejects. `now`: epoch milliseconds. */
  async announce(now: number): Promise<void> {
    const kept = Object.entries(this.config.settings.audit.retention).map(([kind, days]) => [kind, shown(days)]);
    this.logger.info('audit.retention', Object.fromEntries(kept));
    try {
      const due = await this.#due(now);
      if (due.length === 0) return;
      const detail = `${due.length} months of records are older than audit.retention keeps them. What is personal in them is removed from an hour after this start on; to keep it, set audit.retention in mcp-sso.yaml and start again.`;
      this.logger.warn('audit.retention-due', { detail: shown(detail), months: shown(due.map(named).join(' ')) });
    } catch (error) {
      this.logger.error('audit.retention-failed', { error: shown(errorText(error)) });
    }
  }

  #inTurn(): void {
    this.#running = this.#running.then(() => this.sweep());
  }

  /** Lets go what is due, the oldest first. Never rejects; what fails is tried again at the next. `now`: epoch milliseconds. */
  async sweep(now?: number): Promise<void> {
    try {
      if (!this.leadership.holds('expiry')) return;
      const time = now ?? (await earlierClock(this.storage.db));
      await this.#makeRoom(time);
      for (const month of await this.#due(time)) {
        if (!this.leadership.holds('expiry') || this.#stop.signal.aborted) return;
        await this.#expire(month, time);
      }
      await shrinkFile(this.storage.db, this.#stop.signal);
    } catch (error) {
      if (this.#stop.signal.aborted) return;
      this.logger.error('audit.retention-failed', { error: shown(errorText(error)) });
    }
  }

  /** Where it fails, the default partitions take what comes, and what is due goes all the same. */
  async #makeRoom(now: number): Promise<void> {
    try {
      await makePartitionsAhead(this.storage.db, now);
    } catch (error) {
      this.logger.warn('audit.partitions-not-made', { error: shown(errorText(error)) });
    }
  }

  async #due(now: number): Promise<MonthOfKind[]> {
    const { db } = this.storage;
    const oldest = await db.selectFrom('audit_records').select('id').orderBy('idx').limit(1).executeTakeFirst();
    if (oldest === undefined) return [];
    return dueMonths(monthOf(oldest.id), this.config.settings.audit.retention, now, await doneMonths(db));
  }

  async #expire(month: MonthOfKind, now: number): Promise<void> {
    const { end } = boundsOf(month.month);
    const behind = await sinksBehind(this.storage.db, Object.keys(this.config.settings.audit.export), end);
    if (behind.length > 0) return this.#tellOfSinks(behind, month, now);
    const parts = { storage: this.storage, audit: this.audit, signal: this.#stop.signal };
    const holds = await expireMonth(parts, month, now);
    if (holds.length === 0) return this.logger.info('audit.expired', { month: shown(named(month)) });
    this.#once(`${named(month)} held`, () =>
      this.logger.info('audit.expiry-held', {
        month: shown(named(month)),
        holds: shown(holds.map(({ id }) => id).join(' ')),
      }),
    );
  }

  /** Once for each sink and start: it is one fault, however many months wait for it. */
  #tellOfSinks(sinks: readonly string[], month: MonthOfKind, now: number): void {
    for (const sink of sinks) {
      const sentence = `The audit export ${sink} does not have all records of ${named(month)} yet, which audit.retention keeps no longer. They stay until it has them: mend the export, or remove it from audit.export.`;
      this.#once(sink, () => {
        this.logger.warn('audit.expiry-waits', { sink: shown(sink), month: shown(named(month)) });
        this.messaging.announce({ kind: 'audit.alarm', at: now, sentence, subject: sink });
      });
    }
  }

  #once(what: string, tell: () => void): void {
    if (this.#told.has(what)) return;
    this.#told.add(what);
    tell();
  }
}

function named({ kind, month }: MonthOfKind): string {
  return expiryTarget(kind, month);
}

/** A clock that runs ahead would remove what is to be kept: of ours and the database's, the one that is behind counts. */
async function earlierClock(db: Kysely<Database>): Promise<number> {
  const database = await databaseClock(db)?.read();
  return Math.min(Date.now(), database ?? Number.POSITIVE_INFINITY);
}
