import { Module } from '@nestjs/common';
import { ActiveCatalogModule } from '../catalog/active-catalog.module.js';
import { PolicyService } from './policy.service.js';

@Module({ imports: [ActiveCatalogModule], providers: [PolicyService], exports: [PolicyService] })
export class PolicyModule {}
