import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import SQLite from 'better-sqlite3';
import { settingsSchema, type LoadedConfig } from '../../config/settings.js';
import { Logger } from '../../observability/logger.js';
import { openDatabase } from '../../storage/open-database.js';
import { StorageService } from '../../storage/storage.service.js';
import { AuditService } from '../audit.service.js';
import { RecordLog } from '../record-log.js';

const SETTINGS = settingsSchema.parse({
  publicUrl: 'https://mcp.acme.example',
  identity: { providers: { okta: { issuer: 'https://acme.okta.example', clientId: 'c', clientSecret: 'env:S' } } },
  roles: { owner: ['okta/it-admins'], auditor: ['okta/security'] },
  servers: {
    finance: { title: 'Financial Reporting', url: 'https://finance.example/mcp' },
    crm: { url: 'https://crm.example/mcp' },
  },
});

/** The audit on a real SQLite file in a temporary folder. `open` may be called again after `close`: a restart. */
export class TemporaryAudit implements Disposable {
  readonly #folder = mkdtempSync(join(tmpdir(), 'mcp-sso-audit-'));
  readonly config: LoadedConfig = {
    directory: this.#folder,
    settings: SETTINGS,
    policyFiles: [],
    masterKey: Buffer.alloc(32, 7),
    environment: {},
  };

  async open(): Promise<OpenAudit> {
    const storage = new StorageService(await openDatabase('sqlite:audit.db', this.#folder), this.config.masterKey);
    try {
      const records = await RecordLog.open(storage, 'mcp.acme.example/audit', Date.now());
      const service = new AuditService(records, storage, this.config, new Logger('error', new PassThrough().resume()));
      return new OpenAudit(service, storage, records);
    } catch (error) {
      await storage.onApplicationShutdown();
      throw error;
    }
  }

  /** A second connection to the database file, as an investigator or an attacker has it. */
  connect(): SQLite.Database {
    return new SQLite(join(this.#folder, 'audit.db'));
  }

  /** Runs SQL on the database file from outside. */
  tamper(sql: string): void {
    const connection = this.connect();
    connection.exec(sql);
    connection.close();
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

export class OpenAudit implements AsyncDisposable {
  #closed = false;

  constructor(
    readonly service: AuditService,
    readonly storage: StorageService,
    readonly records: RecordLog,
  ) {}

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.service.onApplicationShutdown();
    await this.storage.onApplicationShutdown();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}
