import { Inject, Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { errorText } from '#shared/errors.js';
import { Logger, shown } from '../../observability/logger.js';
import { StorageService } from '../../storage/storage.service.js';

const EVERY = 60_000;
/** More sessions than this in one minute: what is over is not noted. */
const MAX_NOTED = 50_000;

/** When each session was last used: noted in memory by every call, written once a minute in one transaction. */
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
    if (this.#noted.size < MAX_NOTED || this.#noted.has(sessionId)) this.#noted.set(sessionId, now);
  }

  /** Never rejects: what can't be written is logged and forgotten, since nothing is decided by it. */
  async write(): Promise<void> {
    this.#writing = this.#writing.then(() => this.#writeNoted());
    return this.#writing;
  }

  async #writeNoted(): Promise<void> {
    const noted = this.#noted;
    if (noted.size === 0) return;
    this.#noted = new Map();
    try {
      await this.storage.db.transaction().execute(async (transaction) => {
        for (const [id, usedAt] of noted) {
          await transaction
            .updateTable('sessions')
            .set({ last_used_at: usedAt })
            .where('id', '=', id)
            .where('last_used_at', '<', usedAt)
            .execute();
        }
      });
    } catch (error) {
      this.logger.error('last use not written', { error: shown(errorText(error)) });
    }
  }
}
