import { Module } from '@nestjs/common';
import { AuditModule } from '../../audit/audit.module.js';
import { ActiveCatalogModule } from '../../catalog/active-catalog.module.js';
import { IdentityModule } from '../../identity/identity.module.js';
import { StorageModule } from '../../storage/storage.module.js';
import { ClientDocumentController } from './client-document.controller.js';
import { ConnectionDirectory } from './connection-directory.js';
import { ConnectionsService } from './connections.service.js';
import { ConnectionRevocations } from './revocation/connection-revocations.js';
import { ConnectionSweep } from './revocation/connection-sweep.js';

@Module({
  imports: [StorageModule, AuditModule, ActiveCatalogModule, IdentityModule],
  controllers: [ClientDocumentController],
  providers: [ConnectionsService, ConnectionDirectory, ConnectionRevocations, ConnectionSweep],
  exports: [ConnectionsService, ConnectionDirectory],
})
export class ConnectionsModule {}
