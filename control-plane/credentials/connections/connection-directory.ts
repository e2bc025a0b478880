import { Inject, Injectable } from '@nestjs/common';
import type { ConnectableServer } from '#shared/api/connections.js';
import { ActiveCatalog } from '../../catalog/active-catalog.js';
import { StorageService } from '../../storage/storage.service.js';
import type { Connecting, Connection } from './connection.js';
import { connectionPage, type ConnectionPageFilter } from './connection-pages.js';
import { connectionById, shownConnection } from './connection-rows.js';
import { ConnectionsService } from './connections.service.js';

/** Who has connected what: as people see it of themselves, and administration of all. No call is decided by it. */
@Injectable()
export class ConnectionDirectory {
  constructor(
    @Inject(StorageService) private readonly storage: StorageService,
    @Inject(ConnectionsService) private readonly connections: ConnectionsService,
    @Inject(ActiveCatalog) private readonly catalog: ActiveCatalog,
  ) {}

  /** Newest first; up to one more than `limit`. */
  async page(filter: ConnectionPageFilter): Promise<Connection[]> {
    return connectionPage(this.storage.db, filter);
  }

  /** Whosesoever it is. */
  async find(id: string): Promise<Connection | undefined> {
    const row = await connectionById(this.storage.db, id);
    return row && shownConnection(row);
  }

  /** Servers that take an account of this person's. */
  connectable(who: Connecting): ConnectableServer[] {
    const { servers } = this.catalog.current();
    return this.connections.servers(who).map((server) => ({ server, title: servers[server]?.title ?? server }));
  }
}
