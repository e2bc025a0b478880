import { Module } from '@nestjs/common';
import type { Kysely } from 'kysely';
import { CONFIG } from '../config/config.module.js';
import { databaseLocation } from '../config/database-location.js';
import type { LoadedConfig } from '../config/settings.js';
import { Logger, shown } from '../observability/logger.js';
import { DedicatedConnection } from './dedicated-connection/dedicated-connection.js';
import { Leadership } from './leadership/leadership.js';
import { PostgresLeadership } from './leadership/postgres-leadership.js';
import { SoleLeader } from './leadership/sole-leader.js';
import { InProcessNotifications } from './notifications/in-process-notifications.js';
import { Notifications } from './notifications/notifications.js';
import { PostgresNotifications } from './notifications/postgres-notifications.js';
import { isSqlite } from './open-database.js';
import { openInstallation } from './open-installation.js';
import type { Database } from './schema.js';
import { DATABASE, MASTER_KEY, StorageService } from './storage.service.js';

/** What `settings.database` comes to, with the password that it may refer to. */
const LOCATION = Symbol('database location');

@Module({
  providers: [
    {
      provide: LOCATION,
      inject: [CONFIG],
      useFactory: (config: LoadedConfig) => databaseLocation(config.settings.database, config),
    },
    {
      provide: DATABASE,
      inject: [LOCATION, CONFIG, Logger],
      useFactory: (location: string, config: LoadedConfig, logger: Logger) =>
        openInstallation(location, config, (error) =>
          logger.warn('storage.connection-lost', { detail: shown(error.message) }),
        ),
    },
    { provide: MASTER_KEY, inject: [CONFIG], useFactory: (config: LoadedConfig) => config.masterKey },
    {
      provide: DedicatedConnection,
      inject: [LOCATION, Logger],
      useFactory: (location: string, logger: Logger) =>
        isSqlite(location) ? null : new DedicatedConnection(location, logger),
    },
    {
      provide: Notifications,
      inject: [DATABASE, DedicatedConnection],
      useFactory: (db: Kysely<Database>, connection: DedicatedConnection | null) =>
        connection ? new PostgresNotifications(db, connection) : new InProcessNotifications(db),
    },
    {
      provide: Leadership,
      inject: [DedicatedConnection],
      useFactory: (connection: DedicatedConnection | null) =>
        connection ? new PostgresLeadership(connection) : new SoleLeader(),
    },
    StorageService,
  ],
  exports: [StorageService, Notifications, Leadership],
})
export class StorageModule {}
