import { Inject, Injectable } from '@nestjs/common';
import type { Kysely } from 'kysely';
import { CodedError, errorText } from '#shared/errors.js';
import { AuditService } from '../../audit/audit.service.js';
import type { AuditWriter } from '../../audit/record.js';
import { Logger, shown } from '../../observability/logger.js';
import { Notifications } from '../../storage/notifications/notifications.js';
import type { Database } from '../../storage/schema.js';
import { StorageService } from '../../storage/storage.service.js';
import { retireGrant, revokeGrant } from '../authorization-server/payload-rows.js';
import type { Session } from '../caller.js';
import type { IdpTokens } from '../idp/idp-tokens.js';
import { derivedFrom, parentOf, within } from './delegation.js';
import { ScimStanding } from '../scim/scim-standing.js';
import { LiveSessions } from './live-sessions.js';
import { endSession, type EndedSession } from './end-session.js';
import { differs, saveProfile, type FreshProfile } from './fresh-profile.js';
import { renewSession, type RenewedSignIn } from './renew-session.js';
import { ranOut, SessionLifetimes, UNWRITTEN_MS, type RanOut } from './session-lifetimes.js';
import { hasRunOut, liveAmong, loadSession, tighten, toRow } from './session-rows.js';
import { whyEnded } from './why-ended.js';

/** Why a session ended; `signed-out` is the person's own wish. */
export type EndReason = 'signed-out' | RanOut | 'refused-by-idp' | 'sign-in-incomplete' | (string & {});

const SEALED_FOR = 'idp-refresh-tokens';
const TOKENS_SEALED_FOR = 'idp-tokens';
const RAN_OUT_AT_ONCE = 100;
const MOST_ROUNDS = 20;

/** Sign-ins that are alive, and their end. Ending one is complete: memory first, then database, grant and streams, on every replica. */
@Injectable()
export class SessionsService {
  readonly #live: LiveSessions;
  readonly #listeners: ((sessionId: string) => void)[] = [];

  constructor(
    @Inject(StorageService) private readonly storage: StorageService,
    @Inject(Notifications) private readonly notifications: Notifications,
    @Inject(AuditService) private readonly audit: AuditWriter,
    @Inject(ScimStanding) private readonly scim: ScimStanding,
    @Inject(SessionLifetimes) private readonly lifetimes: SessionLifetimes,
    @Inject(Logger) private readonly logger: Logger,
  ) {
    this.#live = new LiveSessions(
      (id) => this.#asked(this.#load(id)),
      () => notifications.current,
    );
    notifications.subscribe('session-ended', (id) => this.hearEnded(id));
    notifications.subscribe('session-changed', (id) => this.#live.forget(id));
    notifications.onGap(() => this.#live.forgetAll());
  }

  /**
   * Resolves to the session with the lifetimes of its roles. `idpRefreshToken`: empty where the IdP gave none, so that it
   * can't be confirmed anew; `tokens`: what else it gave, where some server needs it. Throws `sign_in_expired`, and keeps
   * nothing, where the person was put out after they had proved who they are.
   */
  async create(opened: Session, idpRefreshToken: string, tokens: IdpTokens | null = null): Promise<Session> {
    const { expiresAt, idleSeconds } = this.lifetimes.applied((await this.scim.applied(opened)) ?? opened);
    const session = { ...opened, expiresAt, idleSeconds };
    const row = toRow(session, this.#seal(session.id, idpRefreshToken), this.#sealTokens(session.id, tokens));
    await this.storage.db.insertInto('sessions').values(row).execute();
    if (await this.read(session.id)) return session;
    await this.#forgo(session);
    throw new CodedError('sign_in_expired', { detail: 'put out while signing in' });
  }

  /**
   * A session that has neither ended nor run out, as of a second ago at most. Only `LastUse` counts as its use.
   * Throws `session_unconfirmed` where the database would have to say and doesn't.
   */
  async find(id: string): Promise<Session | undefined> {
    const known = await this.#live.find(id);
    const holds = known && this.lifetimes.applied(known) === known && ranOut(known, Date.now()) === undefined;
    if (known && !holds) this.#live.forget(id);
    const session = holds ? known : known && (await this.read(id));
    if (!session) return undefined;
    const origin = parentOf(id);
    if (origin === undefined) return session;
    const parent = await this.find(origin);
    return parent && within(session, parent);
  }

  /** As `find`, from the database, of the session alone. One that has run out is ended. */
  async read(id: string): Promise<Session | undefined> {
    const stored = await this.#asked(this.#load(id));
    if (!stored) return undefined;
    const session = this.lifetimes.applied(stored);
    const reason = ranOut(session, Date.now(), UNWRITTEN_MS);
    if (reason === undefined && session === stored) return session;
    try {
      if (reason === undefined) await tighten(this.storage.db, session);
      else await this.end(id, reason);
    } catch (error) {
      // It holds here all the same; the row is for the sweep, for lists and for streams, which know no roles.
      this.logger.error('session limits not stored', { session: shown(id), error: shown(errorText(error)) });
    }
    return reason === undefined ? session : undefined;
  }

  /** Those of the ids whose sessions live, from the database. Throws `session_unconfirmed`. */
  async liveAmong(ids: readonly string[]): Promise<ReadonlySet<string>> {
    return this.#asked(liveAmong(this.storage.db, ids, Date.now()));
  }

  /** Why a session is not found, for whoever has a token of it; never rejects. */
  async endedError(id: string): Promise<CodedError> {
    const message = await this.whyEnded(id).catch(() => undefined);
    return new CodedError('session_ended', message === undefined ? {} : { message });
  }

  /** The sentence for a person whose session ran out, perhaps just now; undefined for any other. */
  async whyEnded(id: string): Promise<string | undefined> {
    await this.read(id);
    return whyEnded(this.storage.db, id);
  }

  onEnded(listener: (sessionId: string) => void): void {
    this.#listeners.push(listener);
  }

  /** The session has ended: here, elsewhere, or as the database says. */
  hearEnded(id: string): void {
    if (this.#live.end(id)) this.#tellListeners(id);
  }

  /** Memory forgets it at once. Where storing the end fails, that is thrown, and another call tries again. */
  async end(id: string, reason: EndReason): Promise<void> {
    this.hearEnded(id);
    const ended = await this.notifications.publish({ topic: 'session-ended', id }, async (transaction) => {
      const now = Date.now();
      const session = await endSession(transaction, id, reason, now);
      if (reason === 'idle' || reason === 'expired') await retireGrant(transaction, id, now);
      else await revokeGrant(transaction, id);
      return session;
    });
    // Also where it had ended before: a first try may have ended in between.
    for (const derived of await derivedFrom(this.storage.db, id)) await this.end(derived, reason);
    if (ended) await this.#record(ended, reason);
  }

  /** Ends what has run out, a bounded number at a time. */
  async endRanOut(): Promise<void> {
    for (let round = 0, full = true; full && round < MOST_ROUNDS; round += 1) {
      const now = Date.now();
      const rows = await this.storage.db
        .selectFrom('sessions')
        .select(['id', 'expires_at'])
        .where('ended_at', 'is', null)
        .where((row) => hasRunOut(row, now))
        .limit(RAN_OUT_AT_ONCE)
        .execute();
      for (const { id, expires_at: expiresAt } of rows) await this.end(id, expiresAt <= now ? 'expired' : 'idle');
      full = rows.length === RAN_OUT_AT_ONCE;
    }
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

  /** What else the IdP gave when it last answered; undefined where nothing is kept, or the session has ended. */
  async idpTokens(id: string): Promise<IdpTokens | undefined> {
    const row = await this.storage.db
      .selectFrom('sessions')
      .select('sealed_idp_tokens')
      .where('id', '=', id)
      .where('ended_at', 'is', null)
      .executeTakeFirst();
    const sealed = row?.sealed_idp_tokens;
    if (!sealed) return undefined;
    return JSON.parse(this.storage.open(TOKENS_SEALED_FOR, id, sealed).toString()) as IdpTokens;
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

  /**
   * The same session rests on a new sign-in of its person from now on, on every replica. Throws `session_ended` where it
   * has ended meanwhile.
   */
  async renew(
    session: Session,
    signIn: RenewedSignIn,
    idpRefreshToken: string,
    tokens: IdpTokens | null = null,
  ): Promise<Session> {
    const sealed = {
      refreshToken: this.#seal(session.id, idpRefreshToken),
      tokens: this.#sealTokens(session.id, tokens),
    };
    const renewed = await this.notifications.publish({ topic: 'session-changed', id: session.id }, (transaction) =>
      renewSession(transaction, session, signIn, sealed),
    );
    if (!renewed) throw new CodedError('session_ended');
    return { ...session, ...signIn };
  }

  /** Other replicas are told only of a change: PostgreSQL commits notices one after the other. */
  async applyFreshProfile(
    session: Session,
    fresh: FreshProfile,
    checkedAt: number,
    tokens: IdpTokens | null = null,
  ): Promise<void> {
    const sealed = this.#sealTokens(session.id, tokens);
    const save = (transaction: Kysely<Database>): Promise<void> =>
      saveProfile(transaction, session, fresh, checkedAt, sealed);
    const groups = this.scim.saysGroups(session.person.provider) ? session.groups : fresh.groups;
    if (differs(session, { ...fresh, groups })) {
      await this.notifications.publish({ topic: 'session-changed', id: session.id }, save);
    } else {
      await this.storage.db.transaction().execute(save);
      this.#live.forget(session.id);
    }
  }

  async #load(id: string): Promise<Session | undefined> {
    const session = await loadSession(this.storage.db, id);
    return session && this.scim.applied(session);
  }

  async #asked<T>(answer: Promise<T>): Promise<T> {
    try {
      return await answer;
    } catch (cause) {
      this.logger.error('sessions not read', { error: shown(errorText(cause)) });
      throw new CodedError('session_unconfirmed', { cause });
    }
  }

  async #forgo({ id, person, clientId, address }: Session): Promise<void> {
    await this.storage.db.deleteFrom('sessions').where('id', '=', id).execute();
    await revokeGrant(this.storage.db, id);
    const { email } = person;
    await this.audit.write({
      type: 'auth.refused',
      phase: 'event',
      facts: { person: person.id, client: clientId, decision: 'deny' },
      subject: person.id,
      personal: { ...(email === null ? {} : { email }), address, reason: 'put out while signing in' },
    });
  }

  #seal(id: string, token: string): Buffer {
    return this.storage.seal(SEALED_FOR, id, Buffer.from(token));
  }

  #sealTokens(id: string, tokens: IdpTokens | null): Buffer | null {
    return tokens && this.storage.seal(TOKENS_SEALED_FOR, id, Buffer.from(JSON.stringify(tokens)));
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
  async #record({ id, personId, clientId, email }: EndedSession, reason: EndReason): Promise<void> {
    try {
      await this.audit.write({
        type: reason === 'signed-out' ? 'auth.sign-out' : 'auth.session-ended',
        phase: 'event',
        facts: { person: personId, session: id, client: clientId },
        subject: personId,
        personal: { ...(email === null ? {} : { email }), reason },
      });
    } catch (error) {
      this.logger.error('session end not recorded', { session: shown(id), error: shown(errorText(error)) });
    }
  }
}
