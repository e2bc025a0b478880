import { Module } from '@nestjs/common';
import { StorageModule } from '../storage/storage.module.js';
import { MessagingService } from './messaging.service.js';

@Module({ imports: [StorageModule], providers: [MessagingService], exports: [MessagingService] })
export class MessagingModule {}
