import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { expect, test } from 'vitest';
import { ConfigModule } from '../config/config.module.js';
import { ObservabilityModule } from '../observability/observability.module.js';
import { StorageModule } from '../storage/storage.module.js';
import { onEachEngine } from '../storage/testing/engines.js';
import { AuditModule } from './audit.module.js';
import { AuditService } from './audit.service.js';
import { TemporaryAudit } from './testing/open-audit.js';
import { intent } from './testing/records.js';

@Module({})
class Everything {}

onEachEngine((engine) => {
  test('start and stop of a control plane are in the log, and what was written before the stop is kept', async () => {
    await using temporary = await TemporaryAudit.create(engine);
    const imports = [ConfigModule.of(temporary.config), StorageModule, ObservabilityModule, AuditModule];
    const app = await NestFactory.createApplicationContext({ module: Everything, imports }, { logger: false });
    const audit = app.get(AuditService);
    await audit.recordStart();
    const written = audit.write(intent());
    await app.close();
    await written;
    await expect(audit.write(intent())).rejects.toMatchObject({ code: 'audit_unavailable' });

    const query = 'select header from audit_records order by idx';
    const rows = await temporary.database.query<{ header: string }>(query);
    expect(rows.map(({ header }) => (JSON.parse(header) as { type: string }).type)).toEqual([
      'system.start',
      'tool.call',
      'system.stop',
    ]);
  });

  test('an offline command leaves no start and no stop', async () => {
    await using temporary = await TemporaryAudit.create(engine);
    const imports = [ConfigModule.of(temporary.config), StorageModule, ObservabilityModule, AuditModule];
    const app = await NestFactory.createApplicationContext({ module: Everything, imports }, { logger: false });
    await app.close();

    expect(await temporary.database.query('select id from audit_records')).toEqual([]);
  });
});
