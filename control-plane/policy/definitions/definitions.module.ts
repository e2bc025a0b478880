import { Module } from '@nestjs/common';
import { AuditModule } from '../../audit/audit.module.js';
import { ActiveCatalogModule } from '../../catalog/active-catalog.module.js';
import { StorageModule } from '../../storage/storage.module.js';
import { DefinitionsService } from './definitions.service.js';
import { ReviewsService } from './reviews.service.js';

/** Which definitions of tools are accepted. */
@Module({
  imports: [StorageModule, AuditModule, ActiveCatalogModule],
  providers: [DefinitionsService, ReviewsService],
  exports: [DefinitionsService, ReviewsService],
})
export class DefinitionsModule {}
