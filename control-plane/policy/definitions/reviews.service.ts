import { Inject, Injectable } from '@nestjs/common';
import { asCoded, CodedError, errorText } from '#shared/errors.js';
import type { JsonObject } from '#shared/mcp/json-rpc.js';
import { AuditService } from '../../audit/audit.service.js';
import type { AuditWriter, NewRecord, RecordFacts } from '../../audit/record.js';
import type { Effect } from '../../config/settings.js';
import { Logger, shown } from '../../observability/logger.js';
import { Notifications } from '../../storage/notifications/notifications.js';
import { StorageService } from '../../storage/storage.service.js';
import { qualify } from '../names.js';
import { definitionOf } from './definition.js';
import { findDefinitions, loadAccepted, storeDecision, type DefinitionRow, type RowFilter } from './definition-rows.js';
import { DefinitionsService } from './definitions.service.js';
import { definitionDiff, type DefinitionDiff } from './diff/definition-diff.js';
import type { ToolEffect } from './effects-text.js';
import { formatLock } from './lock-file.js';
import { stateOf, type ReviewState } from './review-state.js';
import { suggestedEffect } from './suggested-effect.js';

/** Who decides, as their records say it. */
export type Reviewer = Pick<NewRecord, 'subject' | 'facts' | 'personal'>;

/** One definition, as it is judged under the lock file in force. */
export interface Review extends Omit<DefinitionRow, 'state' | 'text'> {
  readonly state: ReviewState;
  /** Whether the tool may be shown and called now. */
  readonly reviewed: boolean;
  /** By the server's own annotations, for an admin to confirm or not. */
  readonly suggestedEffect: Effect;
}

export interface ReviewDetail extends DefinitionDiff {
  readonly review: Review;
  /** Hash (hex) of the accepted definition that it is compared with; null where there is none. */
  readonly comparedWith: string | null;
}

export interface Verdict {
  readonly server: string;
  readonly tool: string;
  /** What was shown: nothing else is decided about. */
  readonly sha256: string;
  readonly from: DefinitionRow['state'];
  readonly to: 'accepted' | 'rejected';
}

const OF_ONE_TOOL = 1_000;
const OF_ALL_TOOLS = 5_000;

/** Definitions for those who accept or reject them. */
@Injectable()
export class ReviewsService {
  constructor(
    @Inject(StorageService) private readonly storage: StorageService,
    @Inject(Notifications) private readonly notifications: Notifications,
    @Inject(DefinitionsService) private readonly definitions: DefinitionsService,
    @Inject(AuditService) private readonly audit: AuditWriter,
    @Inject(Logger) private readonly logger: Logger,
  ) {}

  /** Those seen last come first. */
  async list(filter: RowFilter): Promise<Review[]> {
    await this.definitions.confirm();
    return (await findDefinitions(this.storage.db, filter)).map((row) => this.#reviewOf(row));
  }

  /** One definition against the one that was accepted before. Throws `not_found`. */
  async show(server: string, tool: string, sha256: string): Promise<ReviewDetail> {
    await this.definitions.confirm();
    const rows = await findDefinitions(this.storage.db, { server, tool, limit: OF_ONE_TOOL });
    const row = rows.find((one) => one.sha256 === sha256);
    if (row === undefined) throw new CodedError('not_found', { message: 'There is no such definition.' });
    const accepted = rows.find((one) => one !== row && this.#stateOf(one) === 'accepted');
    return {
      review: this.#reviewOf(row),
      comparedWith: accepted?.sha256 ?? null,
      ...definitionDiff(accepted?.text, row.text),
    };
  }

  /**
   * Accepts or rejects exactly what was shown, on record before it counts. Throws `review_stale` where it is not, or no longer, as it
   * was shown, or may not be accepted here.
   */
  async decide(reviewer: Reviewer, verdict: Verdict): Promise<void> {
    const { server, tool, sha256, to } = verdict;
    const { review, more } = await this.show(server, tool, sha256);
    if (to === 'accepted') await this.#requireAcceptable(review, more);
    const { id } = await this.audit.write(this.#record(reviewer, verdict, 'intent', {}));
    try {
      const decision = { ...verdict, decidedBy: reviewer.subject };
      const stored = await this.notifications.publishAll(async (transaction) => {
        const result = await storeDecision(transaction, decision);
        return { result, notices: result ? [{ topic: 'definition-decided' as const, id: server }] : [] };
      });
      if (!stored) throw new CodedError('review_stale');
      await this.definitions.refresh();
      await this.#conclude(reviewer, verdict, id, { outcome: 'ok' });
    } catch (error) {
      await this.#conclude(reviewer, verdict, id, { outcome: 'error', code: asCoded(error).code });
      throw error;
    }
  }

  /** Of every tool that was seen, by what its server said last; of those seen last where there are too many. */
  async suggestedEffects(server?: string): Promise<Omit<ToolEffect, 'effect'>[]> {
    const filter = server === undefined ? {} : { server };
    const rows = await findDefinitions(this.storage.db, { ...filter, limit: OF_ALL_TOOLS });
    const latest = new Map<string, Omit<ToolEffect, 'effect'>>();
    for (const row of rows) {
      const id = qualify(row.server, row.tool);
      if (latest.has(id)) continue;
      const said = suggestedEffect(JSON.parse(row.text) as JsonObject);
      latest.set(id, { server: row.server, tool: row.tool, suggestedEffect: said });
    }
    return [...latest].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, effect]) => effect);
  }

  /** The text of `mcp-sso.lock.yaml`: all that is accepted, of one server or of all. */
  async exportLock(server?: string): Promise<string> {
    await this.definitions.confirm();
    const rows = await loadAccepted(this.storage.db, server);
    return formatLock(rows.filter((row) => this.#stateOf({ ...row, state: 'accepted' }) === 'accepted'));
  }

  async #requireAcceptable({ server, tool, sha256, state }: Review, more: number): Promise<void> {
    if (this.definitions.rulesOf(server).locked !== undefined && state !== 'accepted') {
      const message = `mcp-sso.lock.yaml says what is accepted of ${server}. Change it there, or take the server out of it.`;
      throw new CodedError('review_stale', { message });
    }
    const rows = await findDefinitions(this.storage.db, { server, tool, limit: OF_ONE_TOOL });
    const text = rows.find((row) => row.sha256 === sha256)?.text;
    if (more === 0 && text !== undefined && definitionOf(JSON.parse(text) as JsonObject).sha256 === sha256) return;
    const message = 'This definition is longer than anybody can review, so it can only be rejected.';
    throw new CodedError('review_stale', { message });
  }

  #reviewOf(row: DefinitionRow): Review {
    const { text, ...rest } = row;
    return {
      ...rest,
      state: this.#stateOf(row),
      reviewed: this.definitions.isReviewed(row.server, row.tool),
      suggestedEffect: suggestedEffect(JSON.parse(text) as JsonObject),
    };
  }

  #stateOf({ server, tool, sha256, state }: Pick<DefinitionRow, 'server' | 'tool' | 'sha256' | 'state'>): ReviewState {
    return stateOf(tool, sha256, state, this.definitions.rulesOf(server));
  }

  #record(reviewer: Reviewer, verdict: Verdict, phase: NewRecord['phase'], more: RecordFacts): NewRecord {
    const { server, tool: target, sha256, to } = verdict;
    const decision = to === 'accepted' ? ('allow' as const) : ('deny' as const);
    const facts = { ...reviewer.facts, server, target, sha256, decision, ...more };
    return { type: 'review.decide', phase, subject: reviewer.subject, facts, personal: reviewer.personal };
  }

  /** What was decided stands: an outcome that can't be written leaves the intent with an unknown one. */
  async #conclude(reviewer: Reviewer, verdict: Verdict, ref: string, facts: RecordFacts): Promise<void> {
    try {
      await this.audit.write({ ...this.#record(reviewer, verdict, 'outcome', facts), ref });
    } catch (error) {
      this.logger.error('outcome not recorded', { reference: shown(ref), error: shown(errorText(error)) });
    }
  }
}
