import { Module } from '@nestjs/common';
import { DEFAULT_LIMITS, UPSTREAM_LIMITS } from './limits.js';
import { UpstreamsService } from './upstreams.service.js';

@Module({
  providers: [{ provide: UPSTREAM_LIMITS, useValue: DEFAULT_LIMITS }, UpstreamsService],
  exports: [UpstreamsService],
})
export class UpstreamsModule {}
