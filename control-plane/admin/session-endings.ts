import { Inject, Injectable } from '@nestjs/common';
import { asCoded, errorText } from '#shared/errors.js';
import { AuditService } from '../audit/audit.service.js';
import type { AuditWriter, NewRecord, RecordFacts } from '../audit/record.js';
import { RevocationService } from '../identity/revocation/revocation.service.js';
import { Logger, shown } from '../observability/logger.js';
import { actorOf, type Actor } from './actor.js';

export interface Ending {
  readonly actor: Actor;
  /** Id of the person whose sessions they are. */
  readonly owner: string;
  /** With `all`, nothing that this person has begun gets in later either. */
  readonly sessions: readonly string[] | 'all';
  /** What was asked for, as the audit names it: a session's id, or `all`. */
  readonly target: string;
}

/** Ends sessions on somebody's wish: on record before it happens, and what came of it after. */
@Injectable()
export class SessionEndings {
  constructor(
    @Inject(RevocationService) private readonly revocations: RevocationService,
    @Inject(AuditService) private readonly audit: AuditWriter,
    @Inject(Logger) private readonly logger: Logger,
  ) {}

  /** Resolves to the ids that ended. Throws `audit_unavailable` before anything has happened. */
  async end(ending: Ending): Promise<string[]> {
    const heardAt = Date.now();
    const { id } = await this.audit.write(recordOf(ending, 'intent', { decision: 'allow' }));
    const reason = ending.owner === ending.actor.caller.session.person.id ? 'ended-by-person' : 'ended-by-admin';
    try {
      const { owner, sessions: meant } = ending;
      const sessions = meant === 'all' ? await this.revocations.cutOff([owner]) : meant;
      await this.revocations.endSessions(sessions, { path: 'kill-switch', heardAt, reason });
      await this.#conclude(ending, id, { outcome: 'ok' });
      return [...sessions];
    } catch (error) {
      await this.#conclude(ending, id, { outcome: 'error', code: asCoded(error).code });
      throw error;
    }
  }

  /** What has ended stays ended: an outcome that can't be written leaves the intent with an unknown one. */
  async #conclude(ending: Ending, intent: string, facts: RecordFacts): Promise<void> {
    try {
      await this.audit.write({ ...recordOf(ending, 'outcome', facts), ref: intent });
    } catch (error) {
      this.logger.error('outcome not recorded', { reference: shown(intent), error: shown(errorText(error)) });
    }
  }
}

function recordOf({ actor, owner, target }: Ending, phase: NewRecord['phase'], more: RecordFacts): NewRecord {
  const { subject, facts, personal } = actorOf(actor);
  return { type: 'session.end', phase, subject, facts: { ...facts, affected: owner, target, ...more }, personal };
}
