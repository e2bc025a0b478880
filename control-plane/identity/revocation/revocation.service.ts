import { Inject, Injectable } from '@nestjs/common';
import { Metrics } from '../../observability/metrics.js';
import { StorageService } from '../../storage/storage.service.js';
import { SessionsService } from '../sessions/sessions.service.js';
import { liveSessionsOf, setDisabled } from './person-rows.js';

/** How we heard of it; the label of the metric and the reason of the record. */
type RevocationPath = 'kill-switch' | 'scim' | 'back-channel-logout' | 'universal-logout' | 'shared-signals';

export interface Revocation {
  readonly path: RevocationPath;
  /** When the signal reached us, epoch milliseconds. */
  readonly heardAt: number;
}

/** Puts people out: their sessions end here and on every replica, with the calls and streams under them. */
@Injectable()
export class RevocationService {
  constructor(
    @Inject(StorageService) private readonly storage: StorageService,
    @Inject(SessionsService) private readonly sessions: SessionsService,
    @Inject(Metrics) private readonly metrics: Metrics,
  ) {}

  /** Resolves once all have ended, and to their number. Where one can't be ended, the others are, and that is thrown. */
  async endSessions(ids: readonly string[], { path, heardAt }: Revocation): Promise<number> {
    const results = await Promise.allSettled(ids.map((id) => this.sessions.end(id, path)));
    const failed = results.find(({ status }) => status === 'rejected');
    if (failed?.status === 'rejected') throw failed.reason;
    if (ids.length > 0) this.metrics.revocationTimeToCut.observe({ path }, (Date.now() - heardAt) / 1000);
    return ids.length;
  }

  /** Ends all sessions of some people. */
  async endPeople(persons: readonly string[], revocation: Revocation): Promise<number> {
    return this.endSessions(await liveSessionsOf(this.storage.db, persons), revocation);
  }

  /** Nobody gets in as this person any more, and whoever is in, is out. `by` names the path: `scim:okta`. */
  async disable(person: string, by: string, revocation: Revocation): Promise<number> {
    await setDisabled(this.storage.db, person, { at: revocation.heardAt, by });
    return this.endPeople([person], revocation);
  }

  /** They may sign in again; what has ended stays ended. */
  async enable(person: string): Promise<void> {
    await setDisabled(this.storage.db, person, undefined);
  }
}
