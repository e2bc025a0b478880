import { Inject, Injectable } from '@nestjs/common';
import { CodedError } from '#shared/errors.js';
import { AuditService } from '../../audit/audit.service.js';
import type { AuditWriter } from '../../audit/record.js';
import { MessagingService } from '../../messaging/messaging.service.js';
import { StorageService } from '../../storage/storage.service.js';
import type { Session } from '../caller.js';
import { RateLimit } from '../rate-limit/rate-limit.js';
import { savePerson } from '../sessions/persons.js';
import { SessionsService } from '../sessions/sessions.service.js';
import { BreakGlassWatch } from './break-glass-watch.js';
import { codeId, isKnownCode, takeCode, type CodeDetail } from './codes.js';
import { BREAK_GLASS, BREAK_GLASS_GROUP, breakGlassOperator } from './operator.js';

/**
 * Wrong codes of one address: ten at once, then one a minute. There is no limit for all together: 100 random bits are not
 * guessed, and strangers with many addresses could shut this way in when it is the only one.
 */
const ENTRIES = { burst: 10, perSecond: 1 / 60, addresses: 20_000 };

/** A code that was good, and is used up. */
export interface TakenCode {
  readonly id: string;
  readonly detail: CodeDetail;
}

/** Where a code was typed in. */
export interface Redemption {
  readonly clientId: string;
  readonly deviceName: string | null;
  readonly address: string;
}

/** The way in when the IdP is down: by a code that was made on the server's host, for minutes, and never quietly. */
@Injectable()
export class BreakGlass {
  readonly #entries = new RateLimit(ENTRIES);

  constructor(
    @Inject(StorageService) private readonly storage: StorageService,
    @Inject(SessionsService) private readonly sessions: SessionsService,
    @Inject(AuditService) private readonly audit: AuditWriter,
    @Inject(BreakGlassWatch) private readonly watch: BreakGlassWatch,
    @Inject(MessagingService) private readonly messaging: MessagingService,
  ) {}

  /** Uses a code up; undefined where it is not good, which is never said more exactly. Throws `rate_limited`. */
  async take(code: string, address: string): Promise<TakenCode | undefined> {
    if (!this.#entries.admits(address)) {
      throw new CodedError('rate_limited', { message: 'Too many wrong codes. Wait a minute, then try again.' });
    }
    const id = codeId(code);
    const detail = await takeCode(this.storage, id, Date.now());
    if (detail) this.#entries.giveBack(address);
    else this.watch.refused(address);
    return detail && { id, detail };
  }

  /** Id of the person that every code stands for. */
  async person(issuer: string): Promise<Session['person']> {
    return savePerson(this.storage.db, breakGlassOperator(issuer), Date.now());
  }

  /**
   * Resolves only when the sign-in is on record; otherwise nothing of it stays. Throws `audit_unavailable`, and
   * `session_ended` where break-glass has been ended on the host meanwhile.
   */
  async signIn(id: string, person: Session['person'], taken: TakenCode, where: Redemption): Promise<Session> {
    const session = newSession(id, person, taken.detail, where);
    await this.sessions.create(session, '');
    try {
      await this.#record(session, taken);
      // Whoever ends break-glass forgets the codes first and then ends the sessions: this one is seen by one of the two.
      if (!(await isKnownCode(this.storage.db, taken.id))) throw new CodedError('session_ended');
    } catch (error) {
      await this.sessions.end(id, 'sign-in-incomplete');
      throw error;
    }
    this.#announce(session, taken.detail);
    await this.watch.look();
    return session;
  }

  #announce({ id, person, createdAt, expiresAt }: Session, { operator }: CodeDetail): void {
    const until = new Date(expiresAt).toISOString();
    this.messaging.announce({
      kind: 'identity.break-glass',
      at: createdAt,
      sentence: `${operator} signed in by break-glass, past the identity provider, until ${until}.`,
      person: { id: person.id, shown: operator },
      subject: id,
    });
  }

  async #record(
    { id, person, clientId, deviceName, address }: Session,
    { id: code, detail }: TakenCode,
  ): Promise<void> {
    await this.audit.write({
      type: 'auth.break-glass',
      phase: 'event',
      facts: { person: person.id, session: id, client: clientId, target: code, decision: 'allow' },
      subject: person.id,
      personal: {
        name: detail.operator,
        reason: detail.reason,
        address,
        detail: `signed in for ${detail.minutes} minutes`,
        ...(deviceName === null ? {} : { device: deviceName }),
      },
    });
  }
}

function newSession(id: string, person: Session['person'], { minutes }: CodeDetail, where: Redemption): Session {
  const now = Date.now();
  return {
    id,
    person,
    ...where,
    groups: [BREAK_GLASS_GROUP],
    acr: null,
    amr: [],
    authTime: now,
    idpCheckedAt: now,
    createdAt: now,
    lastUsedAt: now,
    expiresAt: now + minutes * 60_000,
    kind: BREAK_GLASS,
    actors: [],
    idleSeconds: null,
    idpSession: null,
    managedDevice: false,
  };
}
