import { Module, type DynamicModule } from '@nestjs/common';
import { APP_FILTER, APP_GUARD } from '@nestjs/core';
import { sql } from 'kysely';
import { AdminModule } from './admin/admin.module.js';
import { AuditModule } from './audit/audit.module.js';
import { AuditService } from './audit/audit.service.js';
import { CheckpointsModule } from './audit/checkpoints/checkpoints.module.js';
import { CheckpointsService } from './audit/checkpoints/checkpoints.service.js';
import { ExportModule } from './audit/export/export.module.js';
import { ExportsService } from './audit/export/exports.service.js';
import { OutageModule } from './audit/outage/outage.module.js';
import { RetentionModule } from './audit/retention/retention.module.js';
import { ClockWatch } from './clock/clock-watch.js';
import { CONFIG, ConfigModule } from './config/config.module.js';
import { faultText } from './config/fault-text.js';
import type { LoadedConfig } from './config/settings.js';
import { ActiveCatalog } from './catalog/active-catalog.js';
import { ActiveCatalogModule } from './catalog/active-catalog.module.js';
import { CatalogModule } from './catalog/catalog.module.js';
import { DirectoryFollower } from './catalog/directory-follower.js';
import { DefinitionsModule } from './policy/definitions/definitions.module.js';
import { CATALOG_VALIDATION } from './catalog-validation.js';
import { ConnectionsService } from './credentials/connections/connections.service.js';
import { ConnectionRevocationModule } from './credentials/connections/revocation/connection-revocation.module.js';
import { ConnectPageModule } from './credentials/connections/page/connect-page.module.js';
import { CredentialHealth } from './credentials/credential-health.service.js';
import { CredentialsModule } from './credentials/credentials.module.js';
import { PersonalCredentialsModule } from './credentials/personal-credentials.module.js';
import { ExpiryWatch } from './credentials/vault/expiry-watch.js';
import { GatewayModule } from './gateway/gateway.module.js';
import { GracefulShutdown } from './http/graceful-shutdown.js';
import { ProblemFilter } from './http/problem-filter.js';
import { AccessGuard } from './identity/access/access.guard.js';
import { BreakGlassWatch } from './identity/break-glass/break-glass-watch.js';
import { IdentityModule } from './identity/identity.module.js';
import { providerClock } from './identity/idp/provider-clock.js';
import { MessagingModule } from './messaging/messaging.module.js';
import { MessagingService } from './messaging/messaging.service.js';
import { Health } from './observability/health.js';
import { Logger } from './observability/logger.js';
import { ObservabilityModule } from './observability/observability.module.js';
import { TelemetryModule } from './observability/telemetry.module.js';
import { LiveGrants } from './policy/grants/live-grants.js';
import { PolicyModule } from './policy/policy.module.js';
import { PolicyService } from './policy/policy.service.js';
import { databaseClock } from './storage/database-clock.js';
import { StorageModule } from './storage/storage.module.js';
import { StorageService } from './storage/storage.service.js';
import { UpstreamsModule } from './upstreams/upstreams.module.js';

const ROOMS = [
  ObservabilityModule,
  TelemetryModule,
  StorageModule,
  MessagingModule,
  IdentityModule,
  PolicyModule,
  CredentialsModule,
  PersonalCredentialsModule,
  ConnectionRevocationModule,
  ConnectPageModule,
  UpstreamsModule,
  AuditModule,
  CheckpointsModule,
  ExportModule,
  OutageModule,
  RetentionModule,
  ActiveCatalogModule,
  GatewayModule,
  AdminModule,
];

/** Every room of the control plane, wired. */
@Module({})
export class AppModule {
  static of(config: LoadedConfig): DynamicModule {
    return {
      module: AppModule,
      imports: [ConfigModule.of(config), CatalogModule.of(CATALOG_VALIDATION, [DefinitionsModule]), ...ROOMS],
      providers: [
        { provide: APP_GUARD, useClass: AccessGuard },
        { provide: APP_FILTER, useClass: ProblemFilter },
        GracefulShutdown,
        { provide: ClockWatch, inject: [CONFIG, StorageService, Logger], useFactory: clockWatchOf },
        {
          provide: Health,
          inject: [StorageService, AuditService, PolicyService, ClockWatch, ActiveCatalog, ...NOTING],
          useFactory: healthOf,
        },
      ],
    };
  }
}

function clockWatchOf({ settings }: LoadedConfig, { db }: StorageService, logger: Logger): ClockWatch {
  const database = databaseClock(db);
  const providers = Object.entries(settings.identity.providers).map(([id, { issuer }]) => providerClock(id, issuer));
  return new ClockWatch([database ? [database] : [], providers], logger);
}

type Noting = Readonly<Record<'notes', readonly string[]>>;

/** Who says in `notes` what works, and yet needs an operator. */
const NOTING = [
  DirectoryFollower,
  BreakGlassWatch,
  LiveGrants,
  MessagingService,
  ExpiryWatch,
  CredentialHealth,
  ExportsService,
  ConnectionsService,
  CheckpointsService,
];

function healthOf(
  { db }: StorageService,
  audit: AuditService,
  policy: PolicyService,
  clock: ClockWatch,
  catalog: ActiveCatalog,
  ...noting: readonly Noting[]
): Health {
  const checks = {
    database: async () => void (await sql`select 1`.execute(db)),
    audit: () => audit.checkWritable(),
    clock: async () => {
      if (clock.fault !== undefined) throw new Error(clock.fault);
    },
    policies: async () => {
      if (!policy.works) throw new Error('the policies cannot be evaluated');
    },
    catalog: async () => {
      if (catalog.withheld !== undefined) throw new Error(catalog.withheld);
    },
  };
  const misfits = (): string[] => policy.problems.map((fault) => `A policy no longer fits a tool: ${faultText(fault)}`);
  return new Health(checks, () => [...misfits(), ...noting.flatMap(({ notes }) => notes)]);
}
