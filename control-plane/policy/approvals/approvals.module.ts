import { Module } from '@nestjs/common';
import { AuditModule } from '../../audit/audit.module.js';
import { ActiveCatalogModule } from '../../catalog/active-catalog.module.js';
import { IdentityModule } from '../../identity/identity.module.js';
import { MessagingModule } from '../../messaging/messaging.module.js';
import { StorageModule } from '../../storage/storage.module.js';
import { PolicyModule } from '../policy.module.js';
import { AccessDesk } from './access-desk.service.js';
import { AccessPageController } from './access-page.controller.js';
import { ApprovalDesk } from './approval-desk.service.js';
import { ApprovalsPageController } from './approvals-page.controller.js';
import { ApprovalsService } from './approvals.service.js';

@Module({
  imports: [StorageModule, AuditModule, IdentityModule, MessagingModule, ActiveCatalogModule, PolicyModule],
  controllers: [ApprovalsPageController, AccessPageController],
  providers: [ApprovalsService, ApprovalDesk, AccessDesk],
  exports: [ApprovalsService, ApprovalDesk],
})
export class ApprovalsModule {}
