import { Module, type DynamicModule, type Provider, type Type } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module.js';
import { Notifications } from '../storage/notifications/notifications.js';
import { StorageModule } from '../storage/storage.module.js';
import { StorageService } from '../storage/storage.service.js';
import { ActiveCatalogModule } from './active-catalog.module.js';
import { CatalogChanges } from './catalog-changes.js';
import { CatalogService } from './catalog.service.js';
import { DirectoryFollower } from './directory-follower.js';
import { RevisionStore } from './revision-store.js';

/** What changes the active revision. Global, because the check of a revision comes from the outermost room. */
@Module({})
export class CatalogModule {
  /** `validation` provides `CatalogValidation`, by what `rooms` offer. */
  static of(validation: Provider, rooms: readonly Type[]): DynamicModule {
    return {
      module: CatalogModule,
      global: true,
      imports: [StorageModule, AuditModule, ActiveCatalogModule, ...rooms],
      providers: [
        {
          provide: RevisionStore,
          inject: [StorageService, Notifications],
          useFactory: (storage: StorageService, notifications: Notifications) =>
            new RevisionStore(storage, notifications),
        },
        validation,
        CatalogService,
        CatalogChanges,
        DirectoryFollower,
      ],
      exports: [RevisionStore, CatalogService, CatalogChanges, DirectoryFollower],
    };
  }
}
