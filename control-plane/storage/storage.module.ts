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
import { openInstallation, type OpenInstallation } from './open-installation.js';
import type { Database } from './schema.js';
import { DATABASE, ROOT_KEY, StorageService } from './storage.service.js';

/** What `settings.database` comes to, with the password that it may refer to. */
const LOCATION = Symbol('database location');
const INSTALLATION = Symbol('installation');

@Module({
  providers: [
    {
      provide: LOCATION,
      inject: [CONFIG],
      useFactory: (config: LoadedConfig) => databaseLocation(config.settings.database, config),
    },
    {
      provide: INSTALLATION,
      inject: [LOCATION, CONFIG, Logger],
      useFactory: async (location: string, config: LoadedConfig, logger: Logger) => {
        const lost = (error: Error): void => logger.warn('storage.connection-lost', { detail: shown(error.message) });
        const installation = await openInstallation(location, config, lost);
        for (const note of installation.notes) logger.warn('storage.keys', { detail: shown(note) });
        return installation;
      },
    },
    { provide: DATABASE, inject: [INSTALLATION], useFactory: ({ db }: OpenInstallation) => db },
    { provide: ROOT_KEY, inject: [INSTALLATION], useFactory: ({ rootKey }: OpenInstallation) => rootKey.key },
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
