import { Inject, Injectable } from '@nestjs/common';
import { errorText } from '#shared/errors.js';
import { AuditService } from '../../audit/audit.service.js';
import type { AuditWriter } from '../../audit/record.js';
import { Logger, shown } from '../../observability/logger.js';
import { StorageService } from '../../storage/storage.service.js';
import { revokeGrant } from '../authorization-server/payload-rows.js';
import type { Session } from '../caller.js';
import { LiveSessions } from './live-sessions.js';
import { loadSession, toRow } from './session-rows.js';

/** Why a session ended; `signed-out` is the person's own wish. */
export type EndReason = 'signed-out' | 'expired' | 'refused-by-idp' | 'sign-in-incomplete' | (string & {});

/** What the IdP said at a re-check. */
export interface FreshProfile {
  readonly groups: readonly string[];
  readonly email: string | null;
  readonly name: string | null;
}

const SEALED_FOR = 'idp-refresh-tokens';
const EXPIRED_AT_ONCE = 100;

/** Sign-ins that are alive, and their end. Ending one is complete: memory first, then database, grant and streams. */
@Injectable()
export class SessionsService {
  readonly #live: LiveSessions;
  readonly #listeners: ((sessionId: string) => void)[] = [];

  constructor(
    @Inject(StorageService) private readonly storage: StorageService,
    @Inject(AuditService) private readonly audit: AuditWriter,
    @Inject(Logger) private readonly logger: Logger,
  ) {
    this.#live = new LiveSessions((id) => loadSession(storage.db, id));
  }

  async create(session: Session, idpRefreshToken: string): Promise<void> {
    const row = toRow(session, this.#seal(session.id, idpRefreshToken));
    await this.storage.db.insertInto('sessions').values(row).execute();
    this.#live.put(session);
  }

  /** A session that has neither ended nor expired. */
  async find(id: string): Promise<Session | undefined> {
    const session = await this.#live.find(id);
    return session && session.expiresAt > Date.now() ? session : undefined;
  }

  onEnded(listener: (sessionId: string) => void): void {
    this.#listeners.push(listener);
  }

  /** Memory forgets it at once. Where storing the end fails, that is thrown, and another call tries again. */
  async end(id: string, reason: EndReason): Promise<void> {
    if (this.#live.end(id)) this.#tellListeners(id);
    const session = await loadSession(this.storage.db, id);
    if (session) {
      await this.storage.db
        .updateTable('sessions')
        .set({ ended_at: Date.now(), ended_reason: reason, sealed_idp_refresh_token: Buffer.alloc(0) })
        .where('id', '=', id)
        .execute();
    }
    await revokeGrant(this.storage.db, id);
    if (session) await this.#record(session, reason);
  }

  /** Ends what has run its 12 hours, a bounded number at a time. */
  async endExpired(): Promise<void> {
    const rows = await this.storage.db
      .selectFrom('sessions')
      .select('id')
      .where('ended_at', 'is', null)
      .where('expires_at', '<=', Date.now())
      .limit(EXPIRED_AT_ONCE)
      .execute();
    for (const { id } of rows) await this.end(id, 'expired');
  }

  async idpRefreshToken(id: string): Promise<string | undefined> {
    const row = await this.storage.db
      .selectFrom('sessions')
      .select('sealed_idp_refresh_token')
      .where('id', '=', id)
      .where('ended_at', 'is', null)
      .executeTakeFirst();
    return row && this.storage.open(SEALED_FOR, id, row.sealed_idp_refresh_token).toString();
  }

  /** Not after the end: an ended session keeps no token of the IdP. */
  async keepIdpRefreshToken(id: string, token: string): Promise<void> {
    await this.storage.db
      .updateTable('sessions')
      .set({ sealed_idp_refresh_token: this.#seal(id, token) })
      .where('id', '=', id)
      .where('ended_at', 'is', null)
      .execute();
  }

  async applyFreshProfile(session: Session, fresh: FreshProfile, checkedAt: number): Promise<void> {
    const { groups, email, name } = fresh;
    await this.storage.db.transaction().execute(async (transaction) => {
      await transaction
        .updateTable('sessions')
        .set({ groups: JSON.stringify(groups), idp_checked_at: checkedAt, last_used_at: checkedAt })
        .where('id', '=', session.id)
        .execute();
      await transaction.updateTable('persons').set({ email, name }).where('id', '=', session.person.id).execute();
    });
    const person = { ...session.person, email, name };
    this.#live.put({ ...session, person, groups, idpCheckedAt: checkedAt });
  }

  #seal(id: string, token: string): Buffer {
    return this.storage.seal(SEALED_FOR, id, Buffer.from(token));
  }

  #tellListeners(id: string): void {
    for (const listener of this.#listeners) {
      try {
        listener(id);
      } catch (error) {
        this.logger.error('session listener failed', { session: shown(id), error: shown(errorText(error)) });
      }
    }
  }

  /** The end stands even where it cannot be recorded: refusing to end a session would be the worse failure. */
  async #record(session: Session, reason: EndReason): Promise<void> {
    const { person, clientId, id } = session;
    try {
      await this.audit.write({
        type: reason === 'signed-out' ? 'auth.sign-out' : 'auth.session-ended',
        phase: 'event',
        facts: { person: person.id, session: id, client: clientId },
        subject: person.id,
        personal: { ...(person.email === null ? {} : { email: person.email }), reason },
      });
    } catch (error) {
      this.logger.error('session end not recorded', { session: shown(id), error: shown(errorText(error)) });
    }
  }
}
