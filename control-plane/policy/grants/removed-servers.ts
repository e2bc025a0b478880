import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { errorText } from '#shared/errors.js';
import { AuditService } from '../../audit/audit.service.js';
import { ActiveCatalog } from '../../catalog/active-catalog.js';
import type { Revision } from '../../catalog/revision.js';
import { Logger, shown } from '../../observability/logger.js';
import { Notifications } from '../../storage/notifications/notifications.js';
import { SERVER_REMOVED } from './grant.js';
import { endGrantsOf, serversWithGrants } from './grant-rows.js';
import { StorageService } from '../../storage/storage.service.js';
import { LiveGrants } from './live-grants.js';

/** Ends what was given for servers that go away: another one of the same name later is another server. */
@Injectable()
export class RemovedServers implements OnApplicationBootstrap {
  #servers: readonly string[] = [];

  constructor(
    @Inject(ActiveCatalog) private readonly catalog: ActiveCatalog,
    @Inject(StorageService) private readonly storage: Pick<StorageService, 'db'>,
    @Inject(Notifications) private readonly notifications: Notifications,
    @Inject(AuditService) private readonly audit: Pick<AuditService, 'write'>,
    @Inject(LiveGrants) private readonly live: LiveGrants,
    @Inject(Logger) private readonly logger: Logger,
  ) {
    catalog.follow((revision) => () => this.#switchTo(revision));
  }

  /** Servers that went away while nobody served them. Never rejects. */
  async onApplicationBootstrap(): Promise<void> {
    if (this.catalog.withheld !== undefined) return;
    const { servers } = this.catalog.latest;
    try {
      const given = await serversWithGrants(this.storage.db, Date.now());
      const removed = given.filter((server) => !Object.hasOwn(servers, server));
      if (removed.length > 0) await this.#end(removed);
    } catch (error) {
      this.logger.error('grants.unended', { servers: shown('*'), error: shown(errorText(error)) });
    }
  }

  #switchTo({ servers }: Revision): void {
    const removed = this.#servers.filter((server) => !Object.hasOwn(servers, server));
    this.#servers = Object.keys(servers);
    if (removed.length === 0) return;
    this.live.remove(removed);
    this.#end(removed).catch((error: unknown) => {
      this.logger.error('grants.unended', { servers: shown(removed.join(' ')), error: shown(errorText(error)) });
    });
  }

  /** What cannot be ended now stays without effect while this process lives. */
  async #end(removed: readonly string[]): Promise<void> {
    const ended = await this.notifications.publishAll(async (db) => {
      const result = await endGrantsOf(db, removed, SERVER_REMOVED, Date.now());
      return { result, notices: result.map(({ person_id: id }) => ({ topic: 'grants', id })) };
    });
    for (const { id, person_id: affected, server } of ended) {
      const facts = { affected, server, grant: id };
      const personal = { reason: 'The server was removed.' };
      await this.audit.write({ type: 'grant.end', phase: 'event', facts, subject: 'system', personal });
    }
    this.live.restored(removed);
  }
}
