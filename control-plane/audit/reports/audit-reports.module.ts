import { Module } from '@nestjs/common';
import { ActiveCatalogModule } from '../../catalog/active-catalog.module.js';
import { StorageModule } from '../../storage/storage.module.js';
import { AuditReports } from './audit-reports.service.js';

@Module({ imports: [StorageModule, ActiveCatalogModule], providers: [AuditReports], exports: [AuditReports] })
export class AuditReportsModule {}
