import { Module } from '@nestjs/common';
import { StorageModule } from '../storage/storage.module.js';
import { ConnectionsModule } from './connections/connections.module.js';
import { CredentialsService } from './credentials.service.js';
import { ExpiryWatch } from './vault/expiry-watch.js';

@Module({
  imports: [StorageModule, ConnectionsModule],
  providers: [CredentialsService, ExpiryWatch],
  exports: [CredentialsService, ConnectionsModule, ExpiryWatch],
})
export class CredentialsModule {}
