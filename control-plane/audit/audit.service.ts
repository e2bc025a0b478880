import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import type { AuditLog, AuditPage, AuditQuery } from '#shared/api/audit.js';
import { asCoded, CodedError, errorText } from '#shared/errors.js';
import { CONFIG } from '../config/config.module.js';
import type { LoadedConfig } from '../config/settings.js';
import { Logger, shown } from '../observability/logger.js';
import { StorageService } from '../storage/storage.service.js';
import { hashArguments } from './arguments-hash.js';
import { draftRecord, type DraftRecord } from './draft-record.js';
import { GroupCommit } from './group-commit.js';
import { readLog } from './read-log.js';
import type { AuditWriter, NewRecord, RecordType } from './record.js';
import { RecordLog } from './record-log.js';
import { searchAudit, type AuditView } from './search/search.js';
import { SubjectKeys } from './subject-keys.js';

const LIMITS = { queue: 10_000, batch: 500, wait: 10_000 };
/** Milliseconds for which one failed commit keeps the service unready; the next write tries again all the same. */
const UNREADY = 10_000;

/** Who did what: written before it happens, searchable, and checkable offline. */
@Injectable()
export class AuditService implements AuditWriter, OnApplicationShutdown {
  readonly #commits = new GroupCommit<DraftRecord>((drafts) => this.#append(drafts), LIMITS);
  readonly #keys: SubjectKeys;
  #failedAt = -Infinity;
  #serving = false;

  constructor(
    @Inject(RecordLog) private readonly records: RecordLog,
    @Inject(StorageService) private readonly storage: StorageService,
    @Inject(CONFIG) private readonly config: LoadedConfig,
    @Inject(Logger) private readonly logger: Logger,
  ) {
    this.#keys = new SubjectKeys(storage);
  }

  /** Records that a control plane starts, and with it, at the end, that it stops. Offline commands have neither. */
  async recordStart(): Promise<void> {
    await this.#mark('system.start');
    this.#serving = true;
  }

  /** Runs when nobody is left to write: the HTTP server has closed, the storage still has not. */
  async onApplicationShutdown(): Promise<void> {
    if (this.#serving) await this.#mark('system.stop').catch(() => undefined);
    await this.#commits.close();
  }

  /** False for a while after a record could not be written: calls would be refused. */
  get ready(): boolean {
    return Date.now() - this.#failedAt > UNREADY;
  }

  /** Resolves only when the record is durable; rejects with `audit_unavailable`. */
  async write(record: NewRecord): Promise<{ readonly id: string }> {
    try {
      const draft = draftRecord(record, Date.now());
      await this.#commits.add(draft);
      return { id: draft.header.id };
    } catch (error) {
      this.#failedAt = Date.now();
      const detail = error instanceof CodedError ? (error.detail ?? error.message) : errorText(error);
      this.logger.error('audit.write-failed', { type: shown(record.type), detail: shown(detail) });
      throw new CodedError('audit_unavailable', { detail, cause: error });
    }
  }

  /** Keyed hash (hex) of a call's arguments. Throws `params_invalid` where they have no JSON form. */
  hashArguments(args: unknown): string {
    return hashArguments(this.storage.key('audit-arguments'), args);
  }

  /** Newest first. Without `payloads` nothing personal but the person is shown or searched. */
  async search(query: AuditQuery, view: AuditView = { payloads: false }): Promise<AuditPage> {
    const servers = Object.entries(this.config.settings.servers).map(([id, { title }]) => ({ id, title }));
    return searchAudit({ db: this.storage.db, keys: this.#keys, servers }, query, view);
  }

  /** One page of the log from index `from` on, with the checkpoint over the whole of it. */
  async log(from: number): Promise<AuditLog> {
    return readLog(this.storage.db, this.records, from);
  }

  async #append(drafts: readonly DraftRecord[]): Promise<void> {
    try {
      await this.records.append(drafts);
    } catch (error) {
      throw asCoded(error);
    }
  }

  async #mark(type: RecordType): Promise<void> {
    await this.write({ type, phase: 'event', facts: {}, subject: 'system', personal: {} });
  }
}
