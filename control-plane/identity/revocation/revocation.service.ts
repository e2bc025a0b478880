import { Inject, Injectable } from '@nestjs/common';
import { Metrics } from '../../observability/metrics.js';
import { Notifications } from '../../storage/notifications/notifications.js';
import { StorageService } from '../../storage/storage.service.js';
import { isDisabled } from '../sessions/persons.js';
import { SignInCutoffs, type IdpSession } from '../sessions/sign-in-cutoffs.js';
import { SessionsService } from '../sessions/sessions.service.js';
import { disable, enable } from './disabled-people.js';
import {
  heldByMachines,
  liveSessionsOf,
  markSignedOut,
  sessionsOfIdpSession,
  type AffectedSession,
} from './person-rows.js';

/** How we heard of it: the label of the metric, and of the record. */
export type RevocationPath = 'kill-switch' | 'scim' | 'back-channel-logout' | 'universal-logout' | 'shared-signals';

/** As many as the database has connections for, so that none waits in vain for one. */
const ENDED_AT_ONCE = 10;

export interface Revocation {
  readonly path: RevocationPath;
  /** When the signal reached us, epoch milliseconds. */
  readonly heardAt: number;
  /** What the record of each session's end says; the path where absent. */
  readonly reason?: string;
  /** When its sender says that it was so, where that is another time: signals overtake each other. */
  readonly saidAt?: number;
}

/** Puts people out: their sessions end here and on every replica, with the calls and streams under them. */
@Injectable()
export class RevocationService {
  readonly #putOut: ((people: readonly string[], path: RevocationPath) => Promise<void>)[] = [];

  constructor(
    @Inject(StorageService) private readonly storage: StorageService,
    @Inject(Notifications) private readonly notifications: Notifications,
    @Inject(SessionsService) private readonly sessions: SessionsService,
    @Inject(SignInCutoffs) private readonly cutoffs: SignInCutoffs,
    @Inject(Metrics) private readonly metrics: Metrics,
  ) {}

  /**
   * Resolves once all have ended, and to their number. With the session of a machine ends what it does for people. Where one
   * can't be ended, the others are, and that is thrown.
   */
  async endSessions(ids: readonly string[], { path, heardAt, reason = path }: Revocation): Promise<number> {
    // What memory knows ends first, all of it: the database takes one after the other.
    for (const id of ids) this.sessions.hearEnded(id);
    const all = [...new Set([...ids, ...(await heldByMachines(this.storage.db, ids))])];
    const results: PromiseSettledResult<void>[] = [];
    for (let from = 0; from < all.length; from += ENDED_AT_ONCE) {
      const some = all.slice(from, from + ENDED_AT_ONCE);
      results.push(...(await Promise.allSettled(some.map((id) => this.sessions.end(id, reason)))));
    }
    const failed = results.find(({ status }) => status === 'rejected');
    if (failed?.status === 'rejected') throw failed.reason;
    if (ids.length > 0) this.metrics.revocationTimeToCut.observe({ path }, Math.max(0, Date.now() - heardAt) / 1000);
    return ids.length;
  }

  /** Ends all sessions of some people, and what they had proved before: a sign-in that is half done comes to nothing. */
  async endPeople(persons: readonly string[], revocation: Revocation): Promise<number> {
    const ended = await this.endSessions(await this.cutOff(persons), revocation);
    for (const listener of this.#putOut) await listener(persons, revocation.path);
    return ended;
  }

  /** Runs for people whom somebody else than an admin has put out, before that somebody has an answer: it may reject. */
  onPutOut(listener: (people: readonly string[], path: RevocationPath) => Promise<void>): void {
    this.#putOut.push(listener);
  }

  /** No sign-in of theirs that has begun becomes a session from here on; resolves to those that are, for `endSessions`. */
  async cutOff(persons: readonly string[]): Promise<string[]> {
    await this.cutoffs.cutPeople(persons);
    // What they were given is over with it: whoever remembers their grants reads them again.
    await this.notifications.publishAll(async (db) => {
      await markSignedOut(db, persons, Date.now());
      return { result: undefined, notices: persons.map((id) => ({ topic: 'grants', id })) };
    });
    return liveSessionsOf(this.storage.db, persons);
  }

  /** As `cutOff`, for what began with a session of the IdP. */
  async cutOffIdpSession(ended: IdpSession): Promise<AffectedSession[]> {
    await this.cutoffs.cutIdpSession(ended);
    return sessionsOfIdpSession(this.storage.db, { providerIssuer: ended.issuer }, ended.idpSession, ended.subject);
  }

  /**
   * Nobody gets in as this person any more, and whoever is in, is out. `by` names who said so (`scim:okta`), and whose
   * `enable` takes it back.
   */
  async disable(person: string, by: string, revocation: Revocation): Promise<number> {
    await disable(this.storage.db, person, { by, at: revocation.saidAt ?? revocation.heardAt });
    return this.endPeople([person], revocation);
  }

  /**
   * They may sign in again where nobody else has disabled them; what has ended stays ended. False where `by` had not
   * disabled them, or has done so after `saidAt` (epoch milliseconds).
   */
  async enable(person: string, by: string, saidAt = Date.now()): Promise<boolean> {
    const { db } = this.storage;
    if (!(await isDisabled(db, person))) return false;
    // A sign-in that was half done meanwhile would live from now on.
    for (const id of await liveSessionsOf(db, [person])) await this.sessions.end(id, 'disabled');
    return enable(db, person, { by, at: saidAt });
  }
}
