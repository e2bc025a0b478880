import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module.js';
import { ActiveCatalogModule } from '../catalog/active-catalog.module.js';
import { StorageModule } from '../storage/storage.module.js';
import { CurrentFacts } from './current-facts.js';
import { DefinitionsService } from './definitions/definitions.service.js';
import { GrantFacts, NO_FACTS, PolicyFacts } from './policy-facts.js';
import { PolicyService } from './policy.service.js';

@Module({
  imports: [ActiveCatalogModule, StorageModule, AuditModule],
  providers: [
    DefinitionsService,
    { provide: GrantFacts, useValue: NO_FACTS },
    { provide: PolicyFacts, useClass: CurrentFacts },
    PolicyService,
  ],
  exports: [DefinitionsService, PolicyService],
})
export class PolicyModule {}
