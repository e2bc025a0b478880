import { Module } from '@nestjs/common';
import type { Kysely } from 'kysely';
import { CONFIG } from '../config/config.module.js';
import type { LoadedConfig } from '../config/settings.js';
import { Leadership } from './leadership/leadership.js';
import { SoleLeader } from './leadership/sole-leader.js';
import { InProcessNotifications } from './notifications/in-process-notifications.js';
import { Notifications } from './notifications/notifications.js';
import { openDatabase } from './open-database.js';
import type { Database } from './schema.js';
import { DATABASE, MASTER_KEY, StorageService } from './storage.service.js';

@Module({
  providers: [
    {
      provide: DATABASE,
      inject: [CONFIG],
      useFactory: (config: LoadedConfig) => openDatabase(config.settings.database, config.directory),
    },
    { provide: MASTER_KEY, inject: [CONFIG], useFactory: (config: LoadedConfig) => config.masterKey },
    {
      provide: Notifications,
      inject: [DATABASE],
      useFactory: (db: Kysely<Database>) => new InProcessNotifications(db),
    },
    { provide: Leadership, useClass: SoleLeader },
    StorageService,
  ],
  exports: [StorageService, Notifications, Leadership],
})
export class StorageModule {}
