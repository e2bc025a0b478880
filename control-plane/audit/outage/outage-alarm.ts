import { Inject, Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { MessagingService } from '../../messaging/messaging.service.js';
import { AuditService } from '../audit.service.js';
import { lasts, outageText } from './outage.js';

const LOOK_MS = 5_000;
/** Until then whoever calls, or asks `/readyz`, finds out whether it is over. */
const RETRY_AFTER_MS = 15_000;

/** Tells people once that no record can be written, as soon as that can be queued, and tries until one can. */
@Injectable()
export class OutageAlarm implements OnApplicationBootstrap, BeforeApplicationShutdown {
  /** Since when the outage was that people were told of. */
  #told: number | undefined;
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> = Promise.resolve();

  constructor(
    @Inject(AuditService) private readonly audit: Pick<AuditService, 'outage' | 'checkWritable'>,
    @Inject(MessagingService) private readonly messaging: Pick<MessagingService, 'queue'>,
  ) {}

  onApplicationBootstrap(): void {
    this.#timer = setInterval(() => {
      this.#looking = this.#looking.then(() => this.look());
    }, LOOK_MS).unref();
  }

  async beforeApplicationShutdown(): Promise<void> {
    clearInterval(this.#timer);
    await this.#looking;
  }

  /** Never rejects. `now`: epoch milliseconds. */
  async look(now = Date.now()): Promise<void> {
    const begun = this.audit.outage;
    if (!begun || !lasts(begun) || isLongAgo(begun.since, now)) {
      await this.audit.checkWritable().catch(() => undefined);
    }
    const { outage } = this.audit;
    if (!outage || outage.since === this.#told) return;
    const sentence = outageText(outage);
    if (await this.messaging.queue({ kind: 'audit.alarm', at: now, sentence })) this.#told = outage.since;
  }
}

/** Either way: an outage that began while the clock was ahead lies in the future once that is right again. */
function isLongAgo(since: number, now: number): boolean {
  return Math.abs(now - since) >= RETRY_AFTER_MS;
}
