import { Inject, Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { errorText } from '#shared/errors.js';
import { ActiveCatalog } from '../../../catalog/active-catalog.js';
import { CONFIG } from '../../../config/config.module.js';
import type { LoadedConfig } from '../../../config/settings.js';
import { RevocationService, type RevocationPath } from '../../../identity/revocation/revocation.service.js';
import { Logger, shown } from '../../../observability/logger.js';
import { Leadership } from '../../../storage/leadership/leadership.js';
import { StorageService } from '../../../storage/storage.service.js';
import { ConnectionsService } from '../connections.service.js';
import {
  connectionsOfLeavers,
  connectionsOfPeople,
  connectionsUnusedSince,
  UnservedConnections,
} from './outdated-connections.js';

const EVERY = 60_000;
const DAY = 86_400_000;

/** Ends connections that nobody is to have any more, and clears away what has expired. One replica does it for all. */
@Injectable()
export class ConnectionSweep implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #unserved = new UnservedConnections();
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> = Promise.resolve();

  constructor(
    @Inject(CONFIG) private readonly config: LoadedConfig,
    @Inject(StorageService) private readonly storage: StorageService,
    @Inject(Leadership) private readonly leadership: Leadership,
    @Inject(ActiveCatalog) private readonly catalog: ActiveCatalog,
    @Inject(ConnectionsService) private readonly connections: ConnectionsService,
    @Inject(RevocationService) revocations: RevocationService,
    @Inject(Logger) private readonly logger: Logger,
  ) {
    revocations.onPutOut((people, path) => this.#leave(people, path));
  }

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

  /** Never rejects. */
  async sweep(now = Date.now()): Promise<void> {
    const { db } = this.storage;
    const { idleDays } = this.config.settings.connections;
    try {
      await this.#end(await connectionsOfLeavers(db), 'the account is disabled');
      await this.#end(await connectionsUnusedSince(db, now - idleDays * DAY), `not used for ${idleDays} days`);
      if (this.catalog.withheld === undefined) {
        const unserved = await this.#unserved.look(db, this.catalog.latest.servers, now);
        await this.#end(unserved, 'the server or its credential is gone');
      }
      await db.deleteFrom('connection_attempts').where('expires_at', '<=', now).execute();
      await db
        .deleteFrom('connection_requests')
        .where('expires_at', '<=', now - DAY)
        .execute();
    } catch (error) {
      this.logger.error('connection sweep failed', { error: shown(errorText(error)) });
    }
  }

  /** What the sweep would do a moment later; Universal Logout revokes whatever was given for the person. */
  async #leave(people: readonly string[], path: RevocationPath): Promise<void> {
    const { db } = this.storage;
    if (path === 'universal-logout') await this.#end(await connectionsOfPeople(db, people), 'universal logout');
    else await this.#end(await connectionsOfLeavers(db, people), 'the account is disabled');
  }

  async #end(ids: readonly string[], reason: string): Promise<void> {
    for (const id of ids) await this.connections.end(id, { reason });
  }
}
