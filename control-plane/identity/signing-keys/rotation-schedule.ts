import { Inject, Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { errorText } from '#shared/errors.js';
import { Logger, shown } from '../../observability/logger.js';
import { Leadership } from '../../storage/leadership/leadership.js';
import { KeyRotation } from './key-rotation.service.js';

const EVERY = 3_600_000;

/** Rotates the keys that sign when they grow old. One replica does it for all; where two do at once, one finds it done. */
@Injectable()
export class RotationSchedule implements OnApplicationBootstrap, BeforeApplicationShutdown {
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> = Promise.resolve();

  constructor(
    @Inject(KeyRotation) private readonly rotation: KeyRotation,
    @Inject(Leadership) private readonly leadership: Leadership,
    @Inject(Logger) private readonly logger: Logger,
  ) {}

  onApplicationBootstrap(): void {
    this.#timer = setInterval(() => this.#inTurn(), EVERY).unref();
    this.leadership.onGained('expiry', () => this.#inTurn());
  }

  async beforeApplicationShutdown(): Promise<void> {
    clearInterval(this.#timer);
    await this.#running;
  }

  #inTurn(): void {
    if (this.leadership.holds('expiry')) this.#running = this.#running.then(() => this.#keepUp());
  }

  async #keepUp(): Promise<void> {
    try {
      await this.rotation.keepUp();
    } catch (error) {
      this.logger.error('signing-keys.not-rotated', { error: shown(errorText(error)) });
    }
  }
}
