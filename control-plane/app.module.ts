import { Module, type DynamicModule } from '@nestjs/common';
import { APP_FILTER, APP_GUARD } from '@nestjs/core';
import { sql } from 'kysely';
import { AdminModule } from './admin/admin.module.js';
import { AuditModule } from './audit/audit.module.js';
import { AuditService } from './audit/audit.service.js';
import { ConfigModule } from './config/config.module.js';
import type { LoadedConfig } from './config/settings.js';
import { CredentialsModule } from './credentials/credentials.module.js';
import { GatewayModule } from './gateway/gateway.module.js';
import { GracefulShutdown } from './http/graceful-shutdown.js';
import { ProblemFilter } from './http/problem-filter.js';
import { AccessGuard } from './identity/access/access.guard.js';
import { IdentityModule } from './identity/identity.module.js';
import { Health } from './observability/health.js';
import { ObservabilityModule } from './observability/observability.module.js';
import { PolicyModule } from './policy/policy.module.js';
import { PolicyService } from './policy/policy.service.js';
import { StorageModule } from './storage/storage.module.js';
import { StorageService } from './storage/storage.service.js';
import { UpstreamsModule } from './upstreams/upstreams.module.js';

const ROOMS = [
  ObservabilityModule,
  StorageModule,
  IdentityModule,
  PolicyModule,
  CredentialsModule,
  UpstreamsModule,
  AuditModule,
  GatewayModule,
  AdminModule,
];

/** Every room of the control plane, wired. */
@Module({})
export class AppModule {
  static of(config: LoadedConfig): DynamicModule {
    return {
      module: AppModule,
      imports: [ConfigModule.of(config), ...ROOMS],
      providers: [
        { provide: APP_GUARD, useClass: AccessGuard },
        { provide: APP_FILTER, useClass: ProblemFilter },
        GracefulShutdown,
        { provide: Health, inject: [StorageService, AuditService, PolicyService], useFactory: healthOf },
      ],
    };
  }
}

function healthOf(storage: StorageService, audit: AuditService, policy: PolicyService): Health {
  return new Health({
    database: async () => void (await sql`select 1`.execute(storage.db)),
    audit: async () => {
      if (!audit.ready) throw new Error('the last record could not be written');
    },
    policies: async () => {
      const probe = { person: { id: 'usr_health', groups: [] }, server: 'health' };
      const { failed } = policy.decide({ ...probe, target: { kind: 'prompt', name: 'health' } });
      if (failed) throw new Error('the policies cannot be evaluated');
    },
  });
}
