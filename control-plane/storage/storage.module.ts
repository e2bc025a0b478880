import { Module } from '@nestjs/common';
import { CONFIG } from '../config/config.module.js';
import type { LoadedConfig } from '../config/settings.js';
import { openDatabase } from './open-database.js';
import { DATABASE, MASTER_KEY, StorageService } from './storage.service.js';

@Module({
  providers: [
    {
      provide: DATABASE,
      inject: [CONFIG],
      useFactory: (config: LoadedConfig) => openDatabase(config.settings.database, config.directory),
    },
    { provide: MASTER_KEY, inject: [CONFIG], useFactory: (config: LoadedConfig) => config.masterKey },
    StorageService,
  ],
  exports: [StorageService],
})
export class StorageModule {}
