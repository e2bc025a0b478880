import 'reflect-metadata';
import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { LoadedConfig } from './config/settings.js';
import { FrameworkLog } from './observability/framework-log.js';
import { Logger } from './observability/logger.js';
import { OfflineModule } from './offline.module.js';

/** Lets a command of the operator work on the stored data, beside a running control plane too. Only errors are logged. */
export async function offline<T>(
  config: LoadedConfig,
  work: (context: INestApplicationContext) => Promise<T>,
  more: readonly (new () => unknown)[] = [],
): Promise<T> {
  const quiet: LoadedConfig = { ...config, settings: { ...config.settings, logLevel: 'error' } };
  const context = await NestFactory.createApplicationContext(OfflineModule.of(quiet, more), {
    logger: new FrameworkLog(new Logger('error')),
    abortOnError: false,
  });
  try {
    return await work(context);
  } finally {
    await context.close();
  }
}
