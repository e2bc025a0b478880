import { Inject, Injectable } from '@nestjs/common';
import type { Erased } from '#shared/api/erasure.js';
import { asCoded, CodedError, errorText } from '#shared/errors.js';
import { AuditService } from '../../audit/audit.service.js';
import { refuseHeld } from '../../audit/legal-holds/refuse-held.js';
import type { NewRecord, RecordFacts } from '../../audit/record.js';
import { ConnectionsService } from '../../credentials/connections/connections.service.js';
import { RevocationService } from '../../identity/revocation/revocation.service.js';
import { SessionDirectory } from '../../identity/sessions/session-directory.js';
import { Logger, shown } from '../../observability/logger.js';
import { StorageService } from '../../storage/storage.service.js';
import { actorOf, type Actor } from '../actor.js';
import { forgetPerson, scimUsersOf } from './person-rows.js';

/**
 * Erases people: on record by their id before anything is gone, and what came of it after. What fails halfway can be
 * asked for again; only the last step makes the person unknown.
 */
@Injectable()
export class PersonErasure {
  constructor(
    @Inject(StorageService) private readonly storage: StorageService,
    @Inject(AuditService) private readonly audit: AuditService,
    @Inject(RevocationService) private readonly revocations: RevocationService,
    @Inject(SessionDirectory) private readonly directory: SessionDirectory,
    @Inject(ConnectionsService) private readonly connections: ConnectionsService,
    @Inject(Logger) private readonly logger: Logger,
  ) {}

  /**
   * Throws `not_found` for nobody known, `params_invalid` for the actor themselves, `audit_unavailable` before anything is gone,
   * and `legal_hold`, also where one was made meanwhile: then sessions and connections have ended, and no record is touched.
   */
  async erase(person: string, actor: Actor): Promise<Erased> {
    const self = actor.caller.session.person.id;
    if (person === self) {
      throw new CodedError('params_invalid', { message: 'You cannot erase yourself. Ask another owner to do it.' });
    }
    if (!(await this.directory.knows(person))) {
      throw new CodedError('not_found', { message: 'There is no such person. List people: mcp-sso admin users.' });
    }
    const subjects = [person, ...(await scimUsersOf(this.storage.db, person))];
    await this.#refuseHeld(subjects, actor);
    const { id } = await this.audit.write(recordOf(actor, subjects, 'intent', { decision: 'allow' }));
    try {
      const erased = await this.#eraseAll(person, subjects, actor);
      await this.#conclude(recordOf(actor, subjects, 'outcome', { outcome: 'ok' }), id);
      return erased;
    } catch (error) {
      const { code } = asCoded(error);
      await this.#conclude(recordOf(actor, subjects, 'outcome', { outcome: 'error', code }), id);
      throw error;
    }
  }

  /** Before anything is gone, and on record. The answer that counts is given once more where the key is destroyed. */
  async #refuseHeld(subjects: readonly string[], actor: Actor): Promise<void> {
    try {
      await refuseHeld(this.storage.db, this.storage, subjects);
    } catch (error) {
      const { code } = asCoded(error);
      if (code === 'legal_hold') await this.audit.write(recordOf(actor, subjects, 'event', { decision: 'deny', code }));
      throw error;
    }
  }

  async #eraseAll(person: string, subjects: readonly string[], actor: Actor): Promise<Erased> {
    const heardAt = Date.now();
    const sessions = await this.revocations.cutOff([person]);
    await this.revocations.endSessions(sessions, { path: 'kill-switch', heardAt, reason: 'erased' });
    const { facts, personal } = actorOf(actor);
    const { person: by, session, client } = facts;
    const held = await this.connections.list({ person });
    for (const connection of held) {
      const reason = 'the person was erased';
      await this.connections.end(connection.id, {
        ...(by === undefined ? {} : { person: by }),
        session,
        client,
        personal,
        reason,
      });
    }
    await this.audit.erase(subjects);
    await forgetPerson(this.storage.db, person, Date.now());
    return { id: person, sessions: sessions.length, connections: held.length };
  }

  /** What is gone stays gone: an outcome that can't be written leaves the intent with an unknown one. */
  async #conclude(record: NewRecord, ref: string): Promise<void> {
    try {
      await this.audit.write({ ...record, ref });
    } catch (error) {
      this.logger.error('outcome not recorded', { reference: shown(ref), error: shown(errorText(error)) });
    }
  }
}

/** `subjects`: the person, and the SCIM users that they were before. */
function recordOf(
  actor: Actor,
  [affected, ...scimUsers]: readonly string[],
  phase: NewRecord['phase'],
  more: RecordFacts,
): NewRecord {
  const { subject, facts, personal } = actorOf(actor);
  const also = scimUsers.length === 0 ? {} : { target: scimUsers.join(' ') };
  const whom = affected === undefined ? {} : { affected };
  return { type: 'person.erase', phase, subject, facts: { ...facts, ...whom, ...also, ...more }, personal };
}
