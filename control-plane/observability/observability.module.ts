import { Global, Module } from '@nestjs/common';
import { CONFIG } from '../config/config.module.js';
import type { LoadedConfig } from '../config/settings.js';
import { Logger } from './logger.js';

@Global()
@Module({
  providers: [
    { provide: Logger, inject: [CONFIG], useFactory: (config: LoadedConfig) => new Logger(config.settings.logLevel) },
  ],
  exports: [Logger],
})
export class ObservabilityModule {}
