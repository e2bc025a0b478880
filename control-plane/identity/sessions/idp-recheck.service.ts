import { setTimeout as delay } from 'node:timers/promises';
import { Inject, Injectable, type BeforeApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { CodedError, errorText } from '#shared/errors.js';
import { Logger, shown } from '../../observability/logger.js';
import { engineOf } from '../../storage/engine.js';
import { ActiveCatalog } from '../../catalog/active-catalog.js';
import { StorageService } from '../../storage/storage.service.js';
import type { Session } from '../caller.js';
import { failureOf, isOutage } from '../idp/failure.js';
import { areNeeded, laterTokens, type IdpTokens } from '../idp/idp-tokens.js';
import { IdentityProviders } from '../idp/identity-providers.js';
import { FRESH_FOR_MS, IdpGrace } from './idp-grace.js';
import { dropIdpChecks, giveBackIdpCheck, isUnanswered, takeIdpCheck, unansweredIdpChecks } from './idp-check-lease.js';
import { ScimStanding } from '../scim/scim-standing.js';
import { SessionsService } from './sessions.service.js';
import { UnansweredChecks } from './unanswered-checks.js';

/** More than a question may take (its time-out is 10 s); then whoever asked is taken for dead, and another asks in time (`ANSWERABLE`). */
const LEASE_MS = 13_000;
/** For another replica that asks. */
const WAIT_MS = 15_000;
const LOOK_EVERY_MS = 100;

type Wanted = (session: Session) => boolean | Promise<boolean>;

/**
 * Asks the IdP, at most once a minute per session, whether the person is still there and in which groups. One question
 * at a time, on all replicas: an IdP that rotates refresh tokens takes two at once for theft and ends the whole family.
 */
@Injectable()
export class IdpRecheck implements OnModuleInit, BeforeApplicationShutdown {
  readonly #running = new Map<string, Promise<void>>();
  readonly #unanswered = new UnansweredChecks(
    () => unansweredIdpChecks(this.storage.db, Date.now()),
    (id) => this.#once(id, 'unanswered', () => isUnanswered(this.storage.db, id, Date.now())),
  );

  constructor(
    @Inject(StorageService) private readonly storage: StorageService,
    @Inject(SessionsService) private readonly sessions: SessionsService,
    @Inject(IdentityProviders) private readonly providers: IdentityProviders,
    @Inject(IdpGrace) private readonly grace: IdpGrace,
    @Inject(ScimStanding) private readonly scim: ScimStanding,
    @Inject(ActiveCatalog) private readonly catalog: ActiveCatalog,
    @Inject(Logger) private readonly logger: Logger,
  ) {}

  /** A killed predecessor on SQLite must not keep anyone waiting. */
  async onModuleInit(): Promise<void> {
    if (engineOf(this.storage.db) === 'sqlite') await dropIdpChecks(this.storage.db);
    this.#unanswered.start();
  }

  beforeApplicationShutdown(): void {
    this.#unanswered.close();
  }

  /** The session as the IdP sees it now; undefined where it has ended, or nothing can be confirmed anew. Throws `idp_unreachable` or `session_unconfirmed`. */
  async freshSession(id: string): Promise<Session | undefined> {
    const session = await this.sessions.find(id);
    if (session && endsWithItsToken(session)) return undefined;
    if (!session || !isDue(session)) return session;
    await this.#once(id);
    return this.sessions.find(id);
  }

  /** As `freshSession`, for who is in already: while the IdP is away the session goes on for the grace, and it is asked again soon. */
  async goingOn(id: string): Promise<Session | undefined> {
    try {
      return await this.freshSession(id);
    } catch (error) {
      const outage = error instanceof CodedError && error.code === 'idp_unreachable' ? error : undefined;
      if (!outage || !isOutage(outage.cause ?? outage)) throw error;
      const session = await this.sessions.read(id);
      if (session) await this.grace.goOn(session, outage);
      return session;
    }
  }

  /**
   * Asks about a person's session before its time, because the IdP's tokens are wanted: as long as `areWanting` says so when it is our turn.
   * `why` tells questions apart that do not answer each other. Throws `idp_unreachable` or `session_unconfirmed`.
   */
  async askForTokens(id: string, why: string, areWanting: () => Promise<boolean>): Promise<void> {
    await this.#once(id, why, areWanting);
  }

  async #once(id: string, why = '', isWanted: Wanted = isDue): Promise<void> {
    const key = `${id} ${why}`;
    const running = this.#running.get(key);
    if (running) return running;
    const check = this.#inTurn(id, isWanted).finally(() => this.#running.delete(key));
    this.#running.set(key, check);
    return check;
  }

  /** Asks, or waits for the replica that does. */
  async #inTurn(id: string, isWanted: Wanted): Promise<void> {
    const deadline = Date.now() + WAIT_MS;
    for (;;) {
      const session = await this.sessions.read(id);
      if (!session || !(await isWanted(session))) return;
      const now = Date.now();
      const until = now + LEASE_MS;
      if (await takeIdpCheck(this.storage.db, session, now, until)) {
        let answered = false;
        try {
          await this.#ask(session);
          answered = true;
          return;
        } finally {
          await this.#giveBack(id, until, answered);
        }
      }
      if (now > deadline) throw new CodedError('idp_unreachable', { detail: 'another replica still asks' });
      await delay(LOOK_EVERY_MS);
    }
  }

  /** Where that fails, it lapses. */
  async #giveBack(id: string, until: number, answered: boolean): Promise<void> {
    await giveBackIdpCheck(this.storage.db, id, until, answered).catch((error: unknown) => {
      this.logger.warn('idp check not given back', { session: shown(id), error: shown(errorText(error)) });
    });
  }

  async #ask(session: Session): Promise<void> {
    const { id, person } = session;
    const provider = this.providers.find(person.provider);
    const refreshToken = await this.sessions.idpRefreshToken(id);
    if (!provider || provider.issuer !== person.issuer || refreshToken === undefined) {
      return this.sessions.end(id, 'refused-by-idp');
    }
    if (refreshToken === '') return this.sessions.end(id, 'expired');
    const checkedAt = Date.now();
    try {
      const keep = (rotated: string) => this.sessions.keepIdpRefreshToken(id, rotated);
      const fresh = await provider.refresh(refreshToken, person.subject, keep);
      if (!(await this.scim.admits({ ...person, email: fresh.email }, fresh.userName))) {
        return await this.sessions.end(id, 'scim');
      }
      await this.sessions.applyFreshProfile(session, fresh, checkedAt, await this.#kept(id, fresh.tokens));
    } catch (error) {
      await this.#onFailure(session, error);
    }
  }

  async #kept(id: string, given: IdpTokens): Promise<IdpTokens | null> {
    if (!areNeeded(this.catalog.latest.servers)) return null;
    return given.idToken ? given : laterTokens(await this.sessions.idpTokens(id), given);
  }

  async #onFailure(session: Session, error: unknown): Promise<void> {
    const failure = failureOf(error);
    this.logger.warn('idp re-check failed', {
      session: shown(session.id),
      provider: shown(session.person.provider),
      failure: shown(failure),
      error: shown(errorText(error)),
    });
    if (failure === 'refused') return this.sessions.end(session.id, 'refused-by-idp');
    throw new CodedError('idp_unreachable', { cause: error });
  }
}

/** A machine proves itself again for a new one, and whoever acts for a person has them ask again. */
function endsWithItsToken({ kind, actors }: Session): boolean {
  return kind === 'service' || actors.length > 0;
}

function isDue({ kind, idpCheckedAt }: Session): boolean {
  // Nobody else came by an IdP that could be asked.
  return kind === 'person' && Date.now() - idpCheckedAt > FRESH_FOR_MS;
}
