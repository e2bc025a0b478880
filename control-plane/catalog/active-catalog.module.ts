import { Module } from '@nestjs/common';
import { CONFIG } from '../config/config.module.js';
import type { LoadedConfig } from '../config/settings.js';
import { ActiveCatalog } from './active-catalog.js';

/** What every room reads. Who changes it is in `catalog.module.ts`. */
@Module({
  providers: [
    { provide: ActiveCatalog, inject: [CONFIG], useFactory: (config: LoadedConfig) => ActiveCatalog.of(config) },
  ],
  exports: [ActiveCatalog],
})
export class ActiveCatalogModule {}
