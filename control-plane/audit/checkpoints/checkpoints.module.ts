import { Module } from '@nestjs/common';
import { MessagingModule } from '../../messaging/messaging.module.js';
import { StorageModule } from '../../storage/storage.module.js';
import { AuditModule } from '../audit.module.js';
import { CheckpointsService } from './checkpoints.service.js';

@Module({
  imports: [AuditModule, StorageModule, MessagingModule],
  providers: [CheckpointsService],
  exports: [CheckpointsService],
})
export class CheckpointsModule {}
