import { errorText } from '#shared/errors.js';
import { type Logger, shown } from '../observability/logger.js';
import type { Metrics } from '../observability/metrics.js';
import { ChannelFailure, type Channel } from './channel.js';
import { UnreadableDelivery, type Delivery, type Outbox } from './outbox.js';
import { MESSAGE_LIFETIME, retryDelay } from './retry-delay.js';

/** A whole attempt, whatever the other side does. */
const ATTEMPT_MS = 30_000;
/** More than an attempt: then whoever claimed is taken for dead, and the message is sent again. */
const LEASE_MS = 90_000;
/** For the attempt under way, when everything stops. */
const LAST_MS = 2_000;

interface CourierParts {
  readonly outbox: Outbox;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/** Sends what waits for one channel, one at a time. After a failure it rests until it is called again. */
export class Courier {
  readonly #stop = new AbortController();
  #isStopping = false;
  #under: Promise<void> | undefined;
  #again = false;

  constructor(
    readonly channel: Channel,
    private readonly parts: CourierParts,
  ) {}

  /** Goes, or goes once more after the round that is under way. Never rejects. */
  async go(): Promise<void> {
    if (this.#under) {
      this.#again = true;
      return this.#under;
    }
    this.#under = this.#rounds().finally(() => (this.#under = undefined));
    return this.#under;
  }

  /** Leaves the attempt under way a moment, and its message to a later one where that is not enough. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    const timer = setTimeout(() => this.#stop.abort(), LAST_MS);
    await this.#under;
    clearTimeout(timer);
  }

  async #rounds(): Promise<void> {
    const { logger } = this.parts;
    do {
      this.#again = false;
      try {
        while (!this.#isStopping && (await this.#next()));
      } catch (error) {
        logger.error('messages.unread', { channel: shown(this.channel.name), error: shown(errorText(error)) });
      }
    } while (this.#again && !this.#isStopping);
  }

  /** Whether there may be more to send now. */
  async #next(): Promise<boolean> {
    const { outbox } = this.parts;
    try {
      const delivery = await outbox.claim(this.channel.name, Date.now(), LEASE_MS);
      return delivery !== undefined && (await this.#attempt(delivery));
    } catch (error) {
      if (!(error instanceof UnreadableDelivery)) throw error;
      this.#count('dropped');
      this.parts.logger.error('message.unreadable', {
        channel: shown(this.channel.name),
        error: shown(error.message),
      });
      return true;
    }
  }

  async #attempt(delivery: Delivery): Promise<boolean> {
    try {
      const signal = AbortSignal.any([this.#stop.signal, AbortSignal.timeout(ATTEMPT_MS)]);
      await this.channel.send(delivery.id, delivery.message, signal);
    } catch (error) {
      if (!(error instanceof ChannelFailure)) throw error;
      if (!this.#stop.signal.aborted) await this.#failed(delivery, error);
      return false;
    }
    await this.parts.outbox.remove(delivery.id);
    this.#count('delivered');
    return true;
  }

  async #failed(delivery: Delivery, error: ChannelFailure): Promise<void> {
    const { outbox, logger } = this.parts;
    const { id, message, attempts, createdAt } = delivery;
    const next = Date.now() + retryDelay(attempts + 1, Math.random());
    const isOver = next > createdAt + MESSAGE_LIFETIME;
    await (isOver ? outbox.remove(id) : outbox.postpone(delivery, next));
    this.#count(isOver ? 'dropped' : 'failed');
    logger[isOver ? 'error' : 'warn'](isOver ? 'message.given-up' : 'message.failed', {
      channel: shown(this.channel.name),
      message: shown(id),
      about: shown(message.type),
      attempts: shown(attempts + 1),
      error: shown(error.message),
    });
  }

  #count(outcome: 'delivered' | 'failed' | 'dropped'): void {
    this.parts.metrics.messages.inc({ channel: this.channel.name, outcome });
  }
}
