import { Module } from '@nestjs/common';
import { ActiveCatalogModule } from '../catalog/active-catalog.module.js';
import { NO_FACTS, PolicyFacts } from './policy-facts.js';
import { PolicyService } from './policy.service.js';

@Module({
  imports: [ActiveCatalogModule],
  providers: [{ provide: PolicyFacts, useValue: NO_FACTS }, PolicyService],
  exports: [PolicyService],
})
export class PolicyModule {}
