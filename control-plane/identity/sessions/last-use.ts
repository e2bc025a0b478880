import { Inject, Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { errorText } from '#shared/errors.js';
import { Logger, shown } from '../../observability/logger.js';
import { StorageService } from '../../storage/storage.service.js';

const EVERY = 60_000;
/** More sessions than this in one minute: they are written before it is over. */
const MAX_NOTED = 50_000;
/** Rows that wait for one commit; whoever ends one of these sessions waits with them. */
const BATCH = 500;

/** When each session was last used: noted in memory by every call, written once a minute. */
@Injectable()
export class LastUse implements OnApplicationBootstrap, BeforeApplicationShutdown {
  #noted = new Map<string, number>();
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();

  constructor(
    @Inject(StorageService) private readonly storage: StorageService,
    @Inject(Logger) private readonly logger: Logger,
  ) {}

  onApplicationBootstrap(): void {
    this.#timer = setInterval(() => void this.write(), EVERY).unref();
  }

  async beforeApplicationShutdown(): Promise<void> {
    clearInterval(this.#timer);
    await this.write();
  }

  /** `now`: epoch milliseconds. */
  note(sessionId: string, now: number): void {
    if (this.#noted.size >= MAX_NOTED && !this.#noted.has(sessionId)) return void this.write();
    this.#noted.set(sessionId, now);
  }

  /** Never rejects: what can't be written is logged, and written with the next minute's. */
  async write(): Promise<void> {
    this.#writing = this.#writing.then(() => this.#writeNoted());
    return this.#writing;
  }

  async #writeNoted(): Promise<void> {
    const noted = this.#noted;
    if (noted.size === 0) return;
    this.#noted = new Map();
    // In one order on every replica, so that two never wait for each other's rows.
    const entries = [...noted].toSorted(([a], [b]) => (a < b ? -1 : 1));
    try {
      for (let start = 0; start < entries.length; start += BATCH) {
        await this.#writeBatch(entries.slice(start, start + BATCH));
      }
    } catch (error) {
      this.logger.error('last use not written', { error: shown(errorText(error)) });
      for (const [id, usedAt] of noted) this.note(id, Math.max(usedAt, this.#noted.get(id) ?? 0));
    }
  }

  async #writeBatch(entries: readonly (readonly [id: string, usedAt: number])[]): Promise<void> {
    await this.storage.db.transaction().execute(async (transaction) => {
      for (const [id, usedAt] of entries) {
        await transaction
          .updateTable('sessions')
          .set({ last_used_at: usedAt })
          .where('id', '=', id)
          .where('last_used_at', '<', usedAt)
          .execute();
      }
    });
  }
}
