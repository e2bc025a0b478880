import { Module } from '@nestjs/common';
import { ActiveCatalogModule } from '../catalog/active-catalog.module.js';
import { CurrentFacts } from './current-facts.js';
import { GrantsModule } from './grants/grants.module.js';
import { LiveGrants } from './grants/live-grants.js';
import { PolicyFacts } from './policy-facts.js';
import { PolicyService } from './policy.service.js';

@Module({
  imports: [ActiveCatalogModule, GrantsModule],
  providers: [
    { provide: PolicyFacts, inject: [LiveGrants], useFactory: (grants: LiveGrants) => new CurrentFacts(grants) },
    PolicyService,
  ],
  exports: [PolicyService, GrantsModule],
})
export class PolicyModule {}
