import { Module } from '@nestjs/common';
import { AuditService } from '../audit/audit.service.js';
import { AuditModule } from '../audit/audit.module.js';
import { ActiveCatalogModule } from '../catalog/active-catalog.module.js';
import { CONFIG } from '../config/config.module.js';
import type { LoadedConfig } from '../config/settings.js';
import { MessagingModule } from '../messaging/messaging.module.js';
import { Logger } from '../observability/logger.js';
import { Metrics } from '../observability/metrics.js';
import { engineOf } from '../storage/engine.js';
import { Notifications } from '../storage/notifications/notifications.js';
import { StorageModule } from '../storage/storage.module.js';
import { StorageService } from '../storage/storage.service.js';
import { AuthorizationServer } from './authorization-server/authorization-server.js';
import { IdentityAssertions } from './assertions/identity-assertions.js';
import { ClientCredentialsGrant } from './grants/client-credentials.js';
import { Grants } from './grants/grants.js';
import { JwtBearerGrant } from './grants/jwt-bearer.js';
import { ServiceSignIn } from './grants/service-sign-in.js';
import { TokenExchangeGrant } from './grants/token-exchange.js';
import { MACHINE_CLIENTS, machineClients } from './machines/machine-clients.js';
import { Workloads } from './machines/workloads.js';
import { BreakGlassWatch } from './break-glass/break-glass-watch.js';
import { BreakGlass } from './break-glass/break-glass.service.js';
import { ExpirySweep } from './expiry-sweep.js';
import { IdentityService } from './identity.service.js';
import { IdentityProviders } from './idp/identity-providers.js';
import { ProtectedResourceController } from './metadata/protected-resource.controller.js';
import { ClientAddress } from './rate-limit/client-address.js';
import { RateLimit } from './rate-limit/rate-limit.js';
import { IdpGrace } from './sessions/idp-grace.js';
import { IdpRecheck } from './sessions/idp-recheck.service.js';
import { LastUse } from './sessions/last-use.js';
import { SessionLifetimes } from './sessions/session-lifetimes.js';
import { SessionDirectory } from './sessions/session-directory.js';
import { SessionsUnderWay } from './sessions/sessions-under-way.js';
import { SessionsService } from './sessions/sessions.service.js';
import { SignInCutoffs } from './sessions/sign-in-cutoffs.js';
import { ApprovalService } from './sign-in/approval.service.js';
import { ConfirmController } from './sign-in/confirm.controller.js';
import { LoginAttempts } from './sign-in/login-attempts.js';
import { EmailController } from './sign-in/email.controller.js';
import { PageSignIn } from './sign-in/page-sign-in.js';
import { ProviderChoice } from './sign-in/provider-choice.js';
import { SignInController } from './sign-in/sign-in.controller.js';
import { SignInRecords } from './sign-in/sign-in-records.js';
import { SignInService } from './sign-in/sign-in.service.js';
import { StepUpHandles } from './step-up-handles.js';
import { SubjectTokens } from './subject-tokens.js';
import { KeyRotation } from './signing-keys/key-rotation.service.js';
import { RotationSchedule } from './signing-keys/rotation-schedule.js';
import { SigningKeys } from './signing-keys/signing-keys.service.js';
import { OwnProofs } from './tokens/own-proofs.js';
import { BackchannelLogoutController } from './revocation/backchannel-logout/backchannel-logout.controller.js';
import { RefusalRecords } from './refusals/refusal-records.js';
import { RevocationService } from './revocation/revocation.service.js';
import { SCIM_CONTROLLERS, SCIM_PARTS } from './scim/parts.js';
import { SharedSignalsController } from './revocation/shared-signals/shared-signals.controller.js';
import { SignalIntake } from './revocation/signal-intake.js';
import { SignalRecords } from './revocation/signal-records.js';
import { SignalSources } from './revocation/signal-sources.js';
import { SignalsService } from './revocation/signals.service.js';
import { UniversalLogoutController } from './revocation/universal-logout/universal-logout.controller.js';
import { UsedTokens } from './used-tokens.js';
import { SharedProofs } from './tokens/shared-proofs.js';
import { UsedProofs } from './tokens/used-proofs.js';

@Module({
  imports: [StorageModule, MessagingModule, AuditModule, ActiveCatalogModule],
  controllers: [
    ...SCIM_CONTROLLERS,
    SignInController,
    EmailController,
    ConfirmController,
    ProtectedResourceController,
    BackchannelLogoutController,
    UniversalLogoutController,
    SharedSignalsController,
  ],
  providers: [
    {
      provide: SigningKeys,
      inject: [StorageService, Notifications, Logger],
      useFactory: (storage: StorageService, notifications: Notifications, logger: Logger) =>
        SigningKeys.open(storage, notifications, logger, 'tokens'),
    },
    { provide: MACHINE_CLIENTS, inject: [CONFIG], useFactory: (config: LoadedConfig) => machineClients(config) },
    IdentityAssertions,
    Workloads,
    ServiceSignIn,
    ClientCredentialsGrant,
    JwtBearerGrant,
    TokenExchangeGrant,
    Grants,
    BreakGlass,
    BreakGlassWatch,
    KeyRotation,
    RotationSchedule,
    { provide: RateLimit, useFactory: () => new RateLimit() },
    {
      provide: ClientAddress,
      inject: [CONFIG],
      useFactory: (config: LoadedConfig) => new ClientAddress(config.settings.trustedProxies),
    },
    AuthorizationServer,
    IdentityProviders,
    IdpGrace,
    IdpRecheck,
    SessionLifetimes,
    SessionsService,
    SignInCutoffs,
    SessionsUnderWay,
    SessionDirectory,
    LastUse,
    LoginAttempts,
    StepUpHandles,
    SignInService,
    PageSignIn,
    ProviderChoice,
    {
      provide: RefusalRecords,
      inject: [AuditService, Metrics],
      useFactory: (audit: AuditService, metrics: Metrics) => new RefusalRecords(audit, metrics),
    },
    SignInRecords,
    ApprovalService,
    ExpirySweep,
    UsedTokens,
    ...SCIM_PARTS,
    RevocationService,
    SignalSources,
    SignalIntake,
    SignalsService,
    SignalRecords,
    {
      provide: UsedProofs,
      inject: [StorageService],
      useFactory: ({ db }: StorageService) => (engineOf(db) === 'postgres' ? new SharedProofs(db) : new OwnProofs()),
    },
    IdentityService,
    SubjectTokens,
  ],
  exports: [
    PageSignIn,
    RateLimit,
    RefusalRecords,
    ClientAddress,
    BreakGlassWatch,
    IdentityService,
    SubjectTokens,
    RevocationService,
    SessionDirectory,
    AuthorizationServer,
    ActiveCatalogModule,
  ],
})
export class IdentityModule {}
