import { Module } from '@nestjs/common';
import { MessagingModule } from '../../messaging/messaging.module.js';
import { StorageModule } from '../../storage/storage.module.js';
import { AuditModule } from '../audit.module.js';
import { RetentionService } from './retention.service.js';

@Module({ imports: [AuditModule, StorageModule, MessagingModule], providers: [RetentionService] })
export class RetentionModule {}
