import { Inject, Injectable } from '@nestjs/common';
import type { Kysely } from 'kysely';
import { CONFIG } from '../../config/config.module.js';
import type { LoadedConfig } from '../../config/settings.js';
import { Logger, shown } from '../../observability/logger.js';
import { engineOf } from '../../storage/engine.js';
import type { Database } from '../../storage/schema.js';
import { StorageService } from '../../storage/storage.service.js';
import { takeLock } from '../../storage/write-transaction.js';
import { AuditService } from '../audit.service.js';
import type { AuditWriter } from '../record.js';
import { digestSettings, settingsChange, type SettingsChange } from './settings-digests.js';
import { keepStartedSettings, startedSettings } from './started-settings.js';

/** Puts on record that a control plane starts with other settings than the last one did. */
@Injectable()
export class SettingsChanges {
  constructor(
    @Inject(CONFIG) private readonly config: Pick<LoadedConfig, 'settings'>,
    @Inject(StorageService) private readonly storage: StorageService,
    @Inject(AuditService) private readonly audit: AuditWriter,
    @Inject(Logger) private readonly logger: Logger,
  ) {}

  /**
   * Of several that start with the same change, the first records it. A process that is killed between the record and the
   * note of it leaves it to the next start, which records it once more. Rejects with `audit_unavailable`.
   */
  async recordStart(): Promise<void> {
    const { db } = this.storage;
    if (engineOf(db) === 'sqlite') return await this.#compare(db);
    await db.transaction().execute(async (transaction) => {
      await takeLock(transaction, 'started-settings');
      await this.#compare(transaction);
    });
  }

  async #compare(db: Kysely<Database>): Promise<void> {
    const key = this.storage.key('started-settings');
    const now = digestSettings(this.config.settings, key);
    const before = await startedSettings(db);
    const change = before && settingsChange(before, now, key);
    if (change !== undefined) await this.#record(change);
    if (change !== undefined || before === undefined) await keepStartedSettings(db, now, Date.now());
  }

  async #record({ before, after, keys }: SettingsChange): Promise<void> {
    this.logger.info('settings.changed', { keys: shown(keys.join(' ')) });
    const facts = { target: 'mcp-sso.yaml', settings: after, settingsBefore: before, keys };
    await this.audit.write({ type: 'config.change', phase: 'event', facts, subject: 'system', personal: {} });
  }
}
