import { Inject, Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { errorText } from '#shared/errors.js';
import { Logger, shown } from '../observability/logger.js';
import { Leadership } from '../storage/leadership/leadership.js';
import { StorageService } from '../storage/storage.service.js';
import { CUTOFF_LIFETIME } from './sessions/sign-in-cutoffs.js';
import { SessionsService } from './sessions/sessions.service.js';

const EVERY = 60_000;
/** How long lists show what has expired; the audit keeps it on record. */
const LOOKED_BACK_ON = 90 * 86_400_000;
/** How long after its end a request for approval still holds what the call was to do. */
const ARGUMENTS_KEPT = 3_600_000;
const NOTHING = Buffer.alloc(0);

/** Clears away what has expired: codes, tokens, proofs, attempts, sessions. Nothing here is relied on for a refusal. One replica does it for all. */
@Injectable()
export class ExpirySweep implements OnApplicationBootstrap, BeforeApplicationShutdown {
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> = Promise.resolve();

  constructor(
    @Inject(StorageService) private readonly storage: StorageService,
    @Inject(Leadership) private readonly leadership: Leadership,
    @Inject(SessionsService) private readonly sessions: SessionsService,
    @Inject(Logger) private readonly logger: Logger,
  ) {}

  onApplicationBootstrap(): void {
    this.#timer = setInterval(() => this.#inTurn(), EVERY).unref();
    this.leadership.onGained('expiry', () => this.#inTurn());
  }

  async beforeApplicationShutdown(): Promise<void> {
    clearInterval(this.#timer);
    await this.#running;
  }

  #inTurn(): void {
    if (this.leadership.holds('expiry')) this.#running = this.#running.then(() => this.sweep());
  }

  async sweep(): Promise<void> {
    const now = Date.now();
    try {
      // First: what stays of an expired refresh token says why its session ended.
      await this.sessions.endRanOut();
      await this.storage.db.deleteFrom('oidc_payloads').where('expires_at', '<=', now).execute();
      await this.storage.db.deleteFrom('login_attempts').where('expires_at', '<=', now).execute();
      await this.storage.db.deleteFrom('dpop_proofs').where('expires_at', '<=', now).execute();
      await this.storage.db.deleteFrom('used_tokens').where('expires_at', '<=', now).execute();
      await this.storage.db
        .deleteFrom('sign_in_cutoffs')
        .where('cut_at', '<=', now - CUTOFF_LIFETIME)
        .execute();
      await this.storage.db.deleteFrom('break_glass_codes').where('expires_at', '<=', now).execute();
      await this.storage.db
        .deleteFrom('grant_requests')
        .where('expires_at', '<=', now - LOOKED_BACK_ON)
        .execute();
      await this.storage.db
        .deleteFrom('grants')
        .where('expires_at', '<=', now - LOOKED_BACK_ON)
        .where((row) => row.or([row('kind', '=', 'grant'), row('reviewed_at', 'is not', null)]))
        .execute();
      await this.storage.db
        .deleteFrom('approvals')
        .where('expires_at', '<=', now - LOOKED_BACK_ON)
        .execute();
      await this.storage.db
        .updateTable('approvals')
        .set({ sealed: NOTHING })
        .where('expires_at', '<=', now - ARGUMENTS_KEPT)
        .where('sealed', '!=', NOTHING)
        .execute();
    } catch (error) {
      this.logger.error('expiry sweep failed', { error: shown(errorText(error)) });
    }
  }
}
