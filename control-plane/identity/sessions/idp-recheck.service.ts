import { Inject, Injectable } from '@nestjs/common';
import { CodedError, errorText } from '#shared/errors.js';
import { Logger, shown } from '../../observability/logger.js';
import type { Session } from '../caller.js';
import { failureOf } from '../idp/failure.js';
import { IdentityProviders } from '../idp/identity-providers.js';
import { SessionsService } from './sessions.service.js';

const FRESH_FOR = 60_000;

/** Asks the IdP, at most once a minute per session, whether the person is still there and in which groups. */
@Injectable()
export class IdpRecheck {
  readonly #running = new Map<string, Promise<void>>();

  constructor(
    @Inject(SessionsService) private readonly sessions: SessionsService,
    @Inject(IdentityProviders) private readonly providers: IdentityProviders,
    @Inject(Logger) private readonly logger: Logger,
  ) {}

  /** The session as the IdP sees it now; undefined where it has ended. Throws `idp_unreachable`. */
  async freshSession(id: string): Promise<Session | undefined> {
    const session = await this.sessions.find(id);
    if (!session || Date.now() - session.idpCheckedAt <= FRESH_FOR) return session;
    await this.#once(session);
    return this.sessions.find(id);
  }

  /** Single flight: an IdP that rotates refresh tokens takes two at once for theft and ends the whole family. */
  async #once(session: Session): Promise<void> {
    const running = this.#running.get(session.id);
    if (running) return running;
    const check = this.#ask(session).finally(() => this.#running.delete(session.id));
    this.#running.set(session.id, check);
    return check;
  }

  async #ask(session: Session): Promise<void> {
    const { id, person } = session;
    const provider = this.providers.find(person.provider);
    const refreshToken = await this.sessions.idpRefreshToken(id);
    if (!provider || provider.issuer !== person.issuer || refreshToken === undefined) {
      return this.sessions.end(id, 'refused-by-idp');
    }
    const checkedAt = Date.now();
    try {
      const keep = (rotated: string) => this.sessions.keepIdpRefreshToken(id, rotated);
      const fresh = await provider.refresh(refreshToken, person.subject, keep);
      await this.sessions.applyFreshProfile(session, fresh, checkedAt);
    } catch (error) {
      await this.#onFailure(session, error);
    }
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
