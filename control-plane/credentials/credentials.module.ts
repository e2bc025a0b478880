import { Module } from '@nestjs/common';
import { StorageModule } from '../storage/storage.module.js';
import { ConnectionsModule } from './connections/connections.module.js';
import { CredentialsService } from './credentials.service.js';

@Module({
  imports: [StorageModule, ConnectionsModule],
  providers: [CredentialsService],
  exports: [CredentialsService, ConnectionsModule],
})
export class CredentialsModule {}
