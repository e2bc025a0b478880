import { asCoded, errorText } from '#shared/errors.js';
import type { AuditWriter, NewRecord, RecordFacts } from '../audit/record.js';
import { shown, type Logger } from '../observability/logger.js';

/** Who changes the catalog, as the audit names them. */
export type Author = Pick<NewRecord, 'subject' | 'facts' | 'personal'>;

export const FILES: Author = { subject: 'system', facts: {}, personal: { name: 'configuration directory' } };

export interface Activation {
  readonly number: number;
  readonly parent: number | null;
  readonly sha256: string;
}

/** Puts each change of what is in force on record: before it happens, and what came of it after. */
export class ActivationLog {
  constructor(
    private readonly audit: AuditWriter,
    private readonly logger: Logger,
  ) {}

  /** Throws `audit_unavailable` before `move` has begun, and what `move` throws. */
  async record(author: Author, activation: Activation, move: () => Promise<void>): Promise<void> {
    const { id } = await this.audit.write(recordOf(author, activation, 'intent', { decision: 'allow' }));
    try {
      await move();
    } catch (error) {
      await this.#conclude(author, activation, id, { outcome: 'error', code: asCoded(error).code });
      throw error;
    }
    await this.#conclude(author, activation, id, { outcome: 'ok' });
  }

  /** What has moved stays moved: an outcome that can't be written leaves the intent with an unknown one. */
  async #conclude(author: Author, activation: Activation, intent: string, facts: RecordFacts): Promise<void> {
    try {
      await this.audit.write({ ...recordOf(author, activation, 'outcome', facts), ref: intent });
    } catch (error) {
      this.logger.error('catalog.outcome-not-recorded', { reference: shown(intent), error: shown(errorText(error)) });
    }
  }
}

function recordOf(
  { subject, facts, personal }: Author,
  { number, parent, sha256 }: Activation,
  phase: NewRecord['phase'],
  more: RecordFacts,
): NewRecord {
  const before = parent === null ? {} : { parent };
  return {
    type: 'catalog.activate',
    phase,
    subject,
    facts: { ...facts, target: `revision ${number}`, ...before, sha256, ...more },
    personal,
  };
}
