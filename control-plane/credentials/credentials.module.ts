import { Module } from '@nestjs/common';
import { StorageModule } from '../storage/storage.module.js';
import { CredentialsService } from './credentials.service.js';

@Module({ imports: [StorageModule], providers: [CredentialsService], exports: [CredentialsService] })
export class CredentialsModule {}
