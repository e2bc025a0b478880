import { Module } from '@nestjs/common';
import { StorageModule } from '../storage/storage.module.js';
import { AssertionKeysController } from './assertions/assertion-keys.controller.js';
import { assertionKeys } from './assertions/assertion-keys.js';
import { UserAssertions } from './assertions/user-assertions.js';
import { ConnectionsModule } from './connections/connections.module.js';
import { ActiveCatalogModule } from '../catalog/active-catalog.module.js';
import { MessagingModule } from '../messaging/messaging.module.js';
import { CredentialHealth } from './credential-health.service.js';
import { CredentialsService } from './credentials.service.js';
import { ExpiryWatch } from './vault/expiry-watch.js';

@Module({
  imports: [StorageModule, ActiveCatalogModule, MessagingModule, ConnectionsModule],
  controllers: [AssertionKeysController],
  providers: [assertionKeys, UserAssertions, CredentialsService, CredentialHealth, ExpiryWatch],
  exports: [CredentialsService, CredentialHealth, ConnectionsModule, ExpiryWatch],
})
export class CredentialsModule {}
