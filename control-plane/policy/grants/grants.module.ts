import { Module } from '@nestjs/common';
import { AuditModule } from '../../audit/audit.module.js';
import { ActiveCatalogModule } from '../../catalog/active-catalog.module.js';
import { MessagingModule } from '../../messaging/messaging.module.js';
import { StorageModule } from '../../storage/storage.module.js';
import { GrantBounds } from './grant-bounds.js';
import { GrantEvents } from './grant-events.js';
import { GrantRequests } from './grant-requests.service.js';
import { GrantsService } from './grants.service.js';
import { LiveGrants } from './live-grants.js';
import { RemovedServers } from './removed-servers.js';

@Module({
  imports: [StorageModule, AuditModule, ActiveCatalogModule, MessagingModule],
  providers: [LiveGrants, RemovedServers, GrantBounds, GrantEvents, GrantsService, GrantRequests],
  exports: [LiveGrants, GrantsService, GrantRequests],
})
export class GrantsModule {}
