import { Global, Module } from '@nestjs/common';
import { CONFIG } from '../config/config.module.js';
import type { LoadedConfig } from '../config/settings.js';
import { Logger } from './logger.js';
import { Metrics } from './metrics.js';

@Global()
@Module({
  providers: [
    { provide: Logger, inject: [CONFIG], useFactory: (config: LoadedConfig) => new Logger(config.settings.logLevel) },
    { provide: Metrics, useFactory: () => new Metrics() },
  ],
  exports: [Logger, Metrics],
})
export class ObservabilityModule {}
