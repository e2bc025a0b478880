import { Inject, Injectable } from '@nestjs/common';
import { CONFIG } from '../../config/config.module.js';
import type { LoadedConfig } from '../../config/settings.js';
import { StorageService } from '../../storage/storage.service.js';
import { publishedSize, waitingAt } from '../checkpoints/waiting-checkpoints.js';
import { readPosition, type ExportPosition } from '../export/export-positions.js';
import { behindMs, waitingRecords } from '../export/waiting-records.js';

interface Progress {
  /** Of the settings. */
  readonly name: string;
  readonly kind: string;
  /** How many it does not have yet. */
  readonly waiting: number;
  /** Milliseconds that it is behind; 0 where none waits. */
  readonly behind: number;
}

export interface ExportProgress extends Progress, ExportPosition {}

export interface CheckpointProgress extends Progress {
  /** Records that the last checkpoint covers that it has; undefined where it has none. */
  readonly size: number | undefined;
}

/** How far each sink and each place for checkpoints is, by what the database says: every replica answers the same, and writes nothing. */
@Injectable()
export class DeliveryProgress {
  constructor(
    @Inject(CONFIG) private readonly config: LoadedConfig,
    @Inject(StorageService) private readonly storage: StorageService,
  ) {}

  /** In the order of the settings, one after the other: calls need the database too. `now`: epoch milliseconds. */
  async ofExports(now: number): Promise<ExportProgress[]> {
    const { db } = this.storage;
    const progress: ExportProgress[] = [];
    for (const [name, { kind }] of Object.entries(this.config.settings.audit.export)) {
      const position = await readPosition(db, name);
      const { records, since } = await waitingRecords(db, position.next);
      const behind = behindMs({ records, since }, position.failingSince, now);
      progress.push({ name, kind, ...position, waiting: records, behind });
    }
    return progress;
  }

  /** As `ofExports`. */
  async ofCheckpoints(now: number): Promise<CheckpointProgress[]> {
    const { db } = this.storage;
    const progress: CheckpointProgress[] = [];
    for (const [name, { kind }] of Object.entries(this.config.settings.audit.checkpoints.to)) {
      const { count, since = now } = await waitingAt(db, name);
      const size = await publishedSize(db, name);
      progress.push({ name, kind, waiting: count, behind: Math.max(0, now - since), size });
    }
    return progress;
  }
}
