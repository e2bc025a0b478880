import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { expect, test } from 'vitest';
import { ConfigModule } from '../config/config.module.js';
import { ObservabilityModule } from '../observability/observability.module.js';
import { StorageModule } from '../storage/storage.module.js';
import { AuditModule } from './audit.module.js';
import { AuditService } from './audit.service.js';
import { TemporaryAudit } from './testing/open-audit.js';
import { intent } from './testing/records.js';

@Module({})
class Everything {}

test('start and stop of a control plane are in the log, and what was written before the stop is kept', async () => {
  using temporary = new TemporaryAudit();
  const config = { ...temporary.config, settings: { ...temporary.config.settings, database: 'sqlite:audit.db' } };
  const imports = [ConfigModule.of(config), StorageModule, ObservabilityModule, AuditModule];
  const app = await NestFactory.createApplicationContext({ module: Everything, imports }, { logger: false });
  const audit = app.get(AuditService);
  await audit.recordStart();
  const written = audit.write(intent());
  await app.close();
  await written;
  await expect(audit.write(intent())).rejects.toMatchObject({ code: 'audit_unavailable' });

  const file = temporary.connect();
  const headers = file.prepare('select header from audit_records order by idx').pluck().all() as string[];
  file.close();
  expect(headers.map((header) => (JSON.parse(header) as { type: string }).type)).toEqual([
    'system.start',
    'tool.call',
    'system.stop',
  ]);
});

test('an offline command leaves no start and no stop', async () => {
  using temporary = new TemporaryAudit();
  const config = { ...temporary.config, settings: { ...temporary.config.settings, database: 'sqlite:audit.db' } };
  const imports = [ConfigModule.of(config), StorageModule, ObservabilityModule, AuditModule];
  const app = await NestFactory.createApplicationContext({ module: Everything, imports }, { logger: false });
  await app.close();

  const file = temporary.connect();
  expect(file.prepare('select count(*) from audit_records').pluck().get()).toBe(0);
  file.close();
});
