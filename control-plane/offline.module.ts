import { Module, type DynamicModule } from '@nestjs/common';
import { AuditModule } from './audit/audit.module.js';
import { ConfigModule } from './config/config.module.js';
import type { LoadedConfig } from './config/settings.js';
import { CredentialsModule } from './credentials/credentials.module.js';
import { MessagingModule } from './messaging/messaging.module.js';
import { ObservabilityModule } from './observability/observability.module.js';
import { StorageModule } from './storage/storage.module.js';

/** What a command needs that works on the stored data without answering any request. */
@Module({})
export class OfflineModule {
  static of(config: LoadedConfig, more: readonly (new () => unknown)[] = []): DynamicModule {
    return {
      module: OfflineModule,
      imports: [
        ConfigModule.of(config),
        ObservabilityModule,
        StorageModule,
        MessagingModule,
        AuditModule,
        CredentialsModule,
        ...more,
      ],
    };
  }
}
