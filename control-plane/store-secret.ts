import 'reflect-metadata';
import { userInfo } from 'node:os';
import { NestFactory } from '@nestjs/core';
import { asCoded } from '#shared/errors.js';
import { AuditService } from './audit/audit.service.js';
import type { NewRecord } from './audit/record.js';
import type { LoadedConfig } from './config/settings.js';
import { CredentialsService } from './credentials/credentials.service.js';
import { FrameworkLog } from './observability/framework-log.js';
import { Logger } from './observability/logger.js';
import { OfflineModule } from './offline.module.js';

/** Stores a secret, beside a running server too. Nothing is stored unless the intent is on record first. */
export async function storeSecret(config: LoadedConfig, name: string, value: string): Promise<{ version: number }> {
  const quiet: LoadedConfig = { ...config, settings: { ...config.settings, logLevel: 'error' } };
  const context = await NestFactory.createApplicationContext(OfflineModule.of(quiet), {
    logger: new FrameworkLog(new Logger('error')),
    abortOnError: false,
  });
  try {
    const audit = context.get(AuditService);
    const intent = await audit.write(record(name, { phase: 'intent' }));
    const outcome = (facts: NewRecord['facts']) => record(name, { phase: 'outcome', ref: intent.id, facts });
    try {
      const stored = await context.get(CredentialsService).setSecret(name, value);
      await audit.write(outcome({ outcome: 'ok' }));
      return stored;
    } catch (error) {
      await audit.write(outcome({ outcome: 'error', code: asCoded(error).code }));
      throw error;
    }
  } finally {
    await context.close();
  }
}

function record(name: string, parts: Pick<NewRecord, 'phase'> & Partial<NewRecord>): NewRecord {
  return {
    type: 'secret.set',
    subject: 'system',
    facts: {},
    personal: { name: userInfo().username, detail: name },
    ...parts,
  };
}
