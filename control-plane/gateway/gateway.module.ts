import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module.js';
import { ActiveCatalogModule } from '../catalog/active-catalog.module.js';
import { CredentialsModule } from '../credentials/credentials.module.js';
import { IdentityModule } from '../identity/identity.module.js';
import { ApprovalsModule } from '../policy/approvals/approvals.module.js';
import { PolicyModule } from '../policy/policy.module.js';
import { StorageModule } from '../storage/storage.module.js';
import { UpstreamsModule } from '../upstreams/upstreams.module.js';
import { GatewayService } from './gateway.service.js';

@Module({
  imports: [
    StorageModule,
    IdentityModule,
    PolicyModule,
    ApprovalsModule,
    CredentialsModule,
    AuditModule,
    UpstreamsModule,
    ActiveCatalogModule,
  ],
  providers: [GatewayService],
  exports: [GatewayService],
})
export class GatewayModule {}
