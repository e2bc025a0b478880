import { Module } from '@nestjs/common';
import { AuditModule } from '../../../audit/audit.module.js';
import { ActiveCatalogModule } from '../../../catalog/active-catalog.module.js';
import { IdentityModule } from '../../../identity/identity.module.js';
import { StorageModule } from '../../../storage/storage.module.js';
import { ConnectionsModule } from '../connections.module.js';
import { ConnectionRevocations } from './connection-revocations.js';
import { ConnectionSweep } from './connection-sweep.js';

/** Where people come and go: connections that end with them are revoked. Commands of the operator go without. */
@Module({
  imports: [StorageModule, AuditModule, ActiveCatalogModule, ConnectionsModule, IdentityModule],
  providers: [ConnectionRevocations, ConnectionSweep],
})
export class ConnectionRevocationModule {}
