import { Module } from '@nestjs/common';
import { MessagingModule } from '../../messaging/messaging.module.js';
import { AuditModule } from '../audit.module.js';
import { OutageAlarm } from './outage-alarm.js';

@Module({ imports: [AuditModule, MessagingModule], providers: [OutageAlarm] })
export class OutageModule {}
