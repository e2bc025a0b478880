import { Module } from '@nestjs/common';
import { ActiveCatalogModule } from '../catalog/active-catalog.module.js';
import { CONFIG } from '../config/config.module.js';
import type { LoadedConfig } from '../config/settings.js';
import { UPSTREAM_LIMITS, upstreamLimitsOf } from './limits.js';
import { UpstreamsService } from './upstreams.service.js';

const LIMITS = {
  provide: UPSTREAM_LIMITS,
  inject: [CONFIG],
  useFactory: ({ settings }: LoadedConfig) => upstreamLimitsOf(settings.limits),
};

@Module({
  imports: [ActiveCatalogModule],
  providers: [LIMITS, UpstreamsService],
  exports: [UpstreamsService],
})
export class UpstreamsModule {}
