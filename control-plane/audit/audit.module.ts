import { Module } from '@nestjs/common';
import { ActiveCatalogModule } from '../catalog/active-catalog.module.js';
import { CONFIG } from '../config/config.module.js';
import type { LoadedConfig } from '../config/settings.js';
import { StorageModule } from '../storage/storage.module.js';
import { StorageService } from '../storage/storage.service.js';
import { AuditService } from './audit.service.js';
import { DeliveryProgress } from './delivery/delivery-progress.service.js';
import { RecordLog } from './record-log.js';
import { SettingsChanges } from './settings/settings-changes.service.js';
import { LogProofs } from './tree/log-proofs.service.js';

@Module({
  imports: [StorageModule, ActiveCatalogModule],
  providers: [
    {
      provide: RecordLog,
      inject: [StorageService, CONFIG],
      useFactory: (storage: StorageService, config: LoadedConfig) =>
        RecordLog.open(storage, logOrigin(config.settings.publicUrl), Date.now()),
    },
    AuditService,
    DeliveryProgress,
    LogProofs,
    SettingsChanges,
  ],
  exports: [AuditService, DeliveryProgress, LogProofs, RecordLog, SettingsChanges],
})
export class AuditModule {}

/** The log's name in checkpoints: a schema-less URL (c2sp.org/tlog-checkpoint). */
function logOrigin(publicUrl: string): string {
  return `${publicUrl.replace(/^https?:\/\//, '').replace(/\/+$/, '')}/audit`;
}
