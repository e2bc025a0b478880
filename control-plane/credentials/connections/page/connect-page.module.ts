import { Module } from '@nestjs/common';
import { ActiveCatalogModule } from '../../../catalog/active-catalog.module.js';
import { IdentityModule } from '../../../identity/identity.module.js';
import { ConnectionsModule } from '../connections.module.js';
import { ConnectPageController } from './connect-page.controller.js';

@Module({ imports: [ConnectionsModule, IdentityModule, ActiveCatalogModule], controllers: [ConnectPageController] })
export class ConnectPageModule {}
