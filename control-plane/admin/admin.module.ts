import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module.js';
import { AuditReportsModule } from '../audit/reports/audit-reports.module.js';
import { CredentialsModule } from '../credentials/credentials.module.js';
import { IdentityModule } from '../identity/identity.module.js';
import { MessagingModule } from '../messaging/messaging.module.js';
import { ApprovalsModule } from '../policy/approvals/approvals.module.js';
import { PolicyModule } from '../policy/policy.module.js';
import { SimulationModule } from '../simulation/simulation.module.js';
import { StorageModule } from '../storage/storage.module.js';
import { UpstreamsModule } from '../upstreams/upstreams.module.js';
import { PersonErasure } from './erasure/person-erasure.js';
import { LegalHolds } from './holds/legal-holds.service.js';
import { ListedHolds } from './holds/listed-holds.js';
import { ListedGrants } from './listed-grants.js';
import { DisownedSessions } from './me/disowned-sessions.js';
import { ADMIN_CONTROLLERS } from './openapi/openapi.controller.js';
import { SessionEndings } from './session-endings.js';

@Module({
  imports: [
    ApprovalsModule,
    AuditModule,
    AuditReportsModule,
    CredentialsModule,
    IdentityModule,
    MessagingModule,
    PolicyModule,
    SimulationModule,
    StorageModule,
    UpstreamsModule,
  ],
  controllers: ADMIN_CONTROLLERS,
  providers: [SessionEndings, DisownedSessions, PersonErasure, LegalHolds, ListedHolds, ListedGrants],
})
export class AdminModule {}
