import { Module } from '@nestjs/common';
import { MessagingModule } from '../../messaging/messaging.module.js';
import { StorageModule } from '../../storage/storage.module.js';
import { ExportsService } from './exports.service.js';

@Module({ imports: [StorageModule, MessagingModule], providers: [ExportsService], exports: [ExportsService] })
export class ExportModule {}
