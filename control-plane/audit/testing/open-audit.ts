import { PassThrough } from 'node:stream';
import { ActiveCatalog } from '../../catalog/active-catalog.js';
import { settingsSchema, type LoadedConfig } from '../../config/settings.js';
import { Logger } from '../../observability/logger.js';
import { Metrics } from '../../observability/metrics.js';
import type { Engine } from '../../storage/engine.js';
import { openDatabase } from '../../storage/open-database.js';
import { StorageService } from '../../storage/storage.service.js';
import { TestDatabase } from '../../storage/testing/test-database.js';
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

/** The audit on a real database of its own. `open` may be called again after `close`: a restart. */
export class TemporaryAudit implements AsyncDisposable {
  readonly config: LoadedConfig;

  private constructor(readonly database: TestDatabase) {
    const { directory, location } = database;
    const settings = { ...SETTINGS, database: location };
    this.config = { directory, settings, policyFiles: [], masterKey: Buffer.alloc(32, 7), environment: {} };
  }

  static async create(engine: Engine): Promise<TemporaryAudit> {
    return new TemporaryAudit(await TestDatabase.create(engine));
  }

  /** `location`: another way to the same database, as through a proxy. */
  async open(location = this.database.location): Promise<OpenAudit> {
    const { directory } = this.database;
    const storage = new StorageService(await openDatabase(location, directory), this.config.masterKey!);
    try {
      const records = await RecordLog.open(storage, 'mcp.acme.example/audit', Date.now());
      const service = new AuditService(
        records,
        storage,
        ActiveCatalog.of(this.config),
        new Logger('error', new PassThrough().resume()),
        new Metrics(),
      );
      return new OpenAudit(service, storage, records);
    } catch (error) {
      await storage.onApplicationShutdown();
      throw error;
    }
  }

  /** Runs SQL on the database from outside. */
  async tamper(sql: string): Promise<void> {
    await this.database.run(sql);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.database[Symbol.asyncDispose]();
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
