import { Module } from '@nestjs/common';
import { ActiveCatalogModule } from '../catalog/active-catalog.module.js';
import { CurrentFacts } from './current-facts.js';
import { DefinitionsModule } from './definitions/definitions.module.js';
import { DefinitionsService } from './definitions/definitions.service.js';
import { GrantsModule } from './grants/grants.module.js';
import { LiveGrants } from './grants/live-grants.js';
import { PolicyFacts } from './policy-facts.js';
import { PolicyService } from './policy.service.js';

@Module({
  imports: [ActiveCatalogModule, DefinitionsModule, GrantsModule],
  providers: [
    {
      provide: PolicyFacts,
      inject: [DefinitionsService, LiveGrants],
      useFactory: (definitions: DefinitionsService, grants: LiveGrants) => new CurrentFacts(definitions, grants),
    },
    PolicyService,
  ],
  exports: [PolicyService, DefinitionsModule, GrantsModule],
})
export class PolicyModule {}
