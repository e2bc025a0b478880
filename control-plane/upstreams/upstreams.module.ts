import { Module } from '@nestjs/common';
import { ActiveCatalogModule } from '../catalog/active-catalog.module.js';
import { DEFAULT_LIMITS, UPSTREAM_LIMITS } from './limits.js';
import { UpstreamsService } from './upstreams.service.js';

@Module({
  imports: [ActiveCatalogModule],
  providers: [{ provide: UPSTREAM_LIMITS, useValue: DEFAULT_LIMITS }, UpstreamsService],
  exports: [UpstreamsService],
})
export class UpstreamsModule {}
