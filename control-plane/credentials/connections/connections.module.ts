import { Module } from '@nestjs/common';
import { AuditModule } from '../../audit/audit.module.js';
import { ActiveCatalogModule } from '../../catalog/active-catalog.module.js';
import { StorageModule } from '../../storage/storage.module.js';
import { ClientDocumentController } from './client-document.controller.js';
import { ConnectionDirectory } from './connection-directory.js';
import { ConnectionsService } from './connections.service.js';

@Module({
  imports: [StorageModule, AuditModule, ActiveCatalogModule],
  controllers: [ClientDocumentController],
  providers: [ConnectionsService, ConnectionDirectory],
  exports: [ConnectionsService, ConnectionDirectory],
})
export class ConnectionsModule {}
