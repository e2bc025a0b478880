import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module.js';
import { ActiveCatalogModule } from '../catalog/active-catalog.module.js';
import { IdentityModule } from '../identity/identity.module.js';
import { PolicyModule } from '../policy/policy.module.js';
import { StorageModule } from '../storage/storage.module.js';
import { ExplanationsService } from './explanations.service.js';
import { PeopleAsked } from './people-asked.js';
import { ReplaysService } from './replays.service.js';
import { ShadowService } from './shadow.service.js';

/** What other policies would decide, and why these decide as they do. Nothing here changes a decision. */
@Module({
  imports: [AuditModule, StorageModule, PolicyModule, IdentityModule, ActiveCatalogModule],
  providers: [ReplaysService, ExplanationsService, PeopleAsked, ShadowService],
  exports: [ReplaysService, ExplanationsService, ShadowService],
})
export class SimulationModule {}
