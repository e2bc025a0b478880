import { Global, Module, type DynamicModule } from '@nestjs/common';
import type { LoadedConfig } from './settings.js';

export const CONFIG = Symbol('config');

/** The checked configuration, for whoever is wired. Read once, before anything else exists. */
@Global()
@Module({})
export class ConfigModule {
  static of(config: LoadedConfig): DynamicModule {
    return { module: ConfigModule, providers: [{ provide: CONFIG, useValue: config }], exports: [CONFIG] };
  }
}
