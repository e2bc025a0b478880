import { Inject, Injectable } from '@nestjs/common';
import { asCoded, errorText, type CodedError } from '#shared/errors.js';
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
  /** `session.disown`: their owner says that it was somebody else. */
  readonly type?: 'session.end' | 'session.disown';
}

/** What came of it; with a `failure` some of them may live on. */
interface Ended {
  /** Id of the record. */
  readonly reference: string;
  readonly ended: readonly string[];
  readonly failure?: CodedError;
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
    const { ended, failure } = await this.endOnRecord(ending);
    if (failure !== undefined) throw failure;
    return [...ended];
  }

  /** As `end`, for whoever needs the record also where ending failed. */
  async endOnRecord(ending: Ending): Promise<Ended> {
    const heardAt = Date.now();
    const { id: reference } = await this.audit.write(recordOf(ending, 'intent', { decision: 'allow' }));
    try {
      const { owner, sessions: meant } = ending;
      const ended = meant === 'all' ? await this.revocations.cutOff([owner]) : meant;
      await this.revocations.endSessions(ended, { path: 'kill-switch', heardAt, reason: reasonOf(ending) });
      await this.#conclude(ending, reference, { outcome: 'ok' });
      return { reference, ended };
    } catch (error) {
      const failure = asCoded(error);
      await this.#conclude(ending, reference, { outcome: 'error', code: failure.code });
      return { reference, ended: [], failure };
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

function reasonOf({ type, owner, actor }: Ending): string {
  if (type === 'session.disown') return 'disowned-by-person';
  return owner === actor.caller.session.person.id ? 'ended-by-person' : 'ended-by-admin';
}

function recordOf(
  { actor, owner, target, type = 'session.end' }: Ending,
  phase: NewRecord['phase'],
  more: RecordFacts,
): NewRecord {
  const { subject, facts, personal } = actorOf(actor);
  return { type, phase, subject, facts: { ...facts, affected: owner, target, ...more }, personal };
}
