import type { AuditWriter, NewRecord } from '../../audit/record.js';
import type { Metrics } from '../../observability/metrics.js';
import { RateLimit } from '../rate-limit/rate-limit.js';

/** Records a minute, of one person and of all together. */
const PER_PERSON = { burst: 30, perSecond: 30 / 60, addresses: 20_000 };
const TOGETHER = { burst: 300, perSecond: 300 / 60, addresses: 1 };
const EVERYONE = 'everyone';

/**
 * Records of refusals that cost who is refused nothing, so that nobody can fill the log with them. What is over the
 * bound is counted, and the next record says how many.
 */
export class RefusalRecords {
  readonly #perPerson: RateLimit;
  readonly #together: RateLimit;
  #leftOut = 0;

  constructor(
    private readonly audit: AuditWriter,
    private readonly metrics: Metrics,
    now: () => number = () => performance.now(),
  ) {
    this.#perPerson = new RateLimit(PER_PERSON, now);
    this.#together = new RateLimit(TOGETHER, now);
  }

  /** Resolves when the refusal is on record or counted; rejects with `audit_unavailable`. */
  async write(record: NewRecord): Promise<void> {
    if (!this.#perPerson.admits(record.subject) || !this.#together.admits(EVERYONE)) {
      this.#leftOut += 1;
      this.metrics.audit.leftOut(record);
      return;
    }
    const leftOut = this.#leftOut;
    this.#leftOut = 0;
    try {
      await this.audit.write(leftOut === 0 ? record : saying(record, leftOut));
    } catch (error) {
      this.#leftOut += leftOut;
      throw error;
    }
  }
}

function saying(record: NewRecord, leftOut: number): NewRecord {
  const note = `refusals before this one, of anybody, that were too many to be recorded: ${leftOut}`;
  const { detail } = record.personal;
  return { ...record, personal: { ...record.personal, detail: detail === undefined ? note : `${detail}; ${note}` } };
}
