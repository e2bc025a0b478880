import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { errorText } from '#shared/errors.js';
import { Logger, shown } from '../../observability/logger.js';
import { StorageService } from '../../storage/storage.service.js';
import { expiryNotes, listSecrets } from './secret-list.js';

const LOOK_MS = 10 * 60_000;

/** Says in log and health that a secret of the store is about to expire, two weeks before and until there is a new one. */
@Injectable()
export class ExpiryWatch implements OnApplicationBootstrap, OnApplicationShutdown {
  #notes: readonly string[] = [];
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> | undefined;

  constructor(
    @Inject(StorageService) private readonly storage: StorageService,
    @Inject(Logger) private readonly logger: Logger,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    this.#timer = setInterval(() => void this.look(), LOOK_MS).unref();
    await this.look();
  }

  async onApplicationShutdown(): Promise<void> {
    clearInterval(this.#timer);
    await this.#looking;
  }

  /** For operators: one sentence each. */
  get notes(): readonly string[] {
    return this.#notes;
  }

  look(): Promise<void> {
    return (this.#looking = this.#look());
  }

  async #look(): Promise<void> {
    try {
      const notes = expiryNotes(await listSecrets(this.storage), Date.now());
      for (const note of notes.filter((one) => !this.#notes.includes(one))) {
        this.logger.warn('secret.expiry', { detail: shown(note) });
      }
      this.#notes = notes;
    } catch (error) {
      this.logger.warn('secret.expiry-unknown', { error: shown(errorText(error)) });
    }
  }
}
