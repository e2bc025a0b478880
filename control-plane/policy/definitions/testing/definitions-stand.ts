import { AuditService } from '../../../audit/audit.service.js';
import { RecordLog } from '../../../audit/record-log.js';
import { ActiveCatalog } from '../../../catalog/active-catalog.js';
import { unstored } from '../../../catalog/revision.js';
import { settingsSchema, type PolicyFile, type Settings } from '../../../config/settings.js';
import { Logger } from '../../../observability/logger.js';
import { Metrics } from '../../../observability/metrics.js';
import type { Engine } from '../../../storage/engine.js';
import { InProcessNotifications } from '../../../storage/notifications/in-process-notifications.js';
import type { Notifications } from '../../../storage/notifications/notifications.js';
import { openTestStorage } from '../../../storage/testing/open-storage.js';
import { Replica } from '../../../storage/testing/replica.js';
import type { StorageService } from '../../../storage/storage.service.js';
import { DefinitionsService } from '../definitions.service.js';

/** One control plane's knowledge of definitions, with the catalog that it serves. */
export interface Following {
  readonly definitions: DefinitionsService;
  readonly catalog: ActiveCatalog;
  readonly notifications: Notifications;
  readonly audit: AuditService;
  readonly storage: StorageService;
  /** Makes other files the ones in force. */
  serve(policyFiles: readonly PolicyFile[], review?: Settings['servers'][string]['review']): void;
}

/** Definitions on a real database, of a company whose one server is `crm`. */
export class DefinitionsStand implements AsyncDisposable {
  readonly #stack = new AsyncDisposableStack();

  private constructor(
    readonly engine: Engine,
    readonly database: Awaited<ReturnType<typeof openTestStorage>>,
  ) {
    this.#stack.use(database);
  }

  static async open(engine: Engine): Promise<DefinitionsStand> {
    return new DefinitionsStand(engine, await openTestStorage(engine));
  }

  /** On PostgreSQL each is a replica of its own; on SQLite there is one process. */
  async follow(review: Settings['servers'][string]['review'] = 'first-use'): Promise<Following> {
    const { storage } = this.database;
    const logger = new Logger('error');
    const catalog = new ActiveCatalog(revision([], review));
    const audit = new AuditService(
      await RecordLog.open(storage, 'test/audit', Date.now()),
      storage,
      catalog,
      logger,
      new Metrics(),
    );
    const notifications = this.#notifications();
    const definitions = new DefinitionsService(catalog, storage, notifications, audit, logger);
    await definitions.onModuleInit();
    await definitions.confirm();
    this.#stack.defer(() => definitions.beforeApplicationShutdown());
    const serve: Following['serve'] = (files, now = review) => catalog.activate(revision(files, now));
    return { definitions, catalog, notifications, audit, storage, serve };
  }

  /** The rows of the table as `tool state decided_by`, in the order of their first sight. */
  async rows(): Promise<string[]> {
    const rows = await this.database.storage.db
      .selectFrom('tool_definitions')
      .select(['tool', 'state', 'decided_by'])
      .orderBy('first_seen_at')
      .orderBy('tool')
      .execute();
    return rows.map(({ tool, state, decided_by: by }) => [tool, state, by].filter((part) => part !== null).join(' '));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync();
  }

  #notifications(): Notifications {
    const { database, storage } = this.database;
    if (this.engine === 'sqlite') return new InProcessNotifications(storage.db);
    return this.#stack.use(Replica.on(database.location)).notifications;
  }
}

function revision(policyFiles: readonly PolicyFile[], review: Settings['servers'][string]['review']) {
  const { servers, roles } = settingsSchema.parse({
    publicUrl: 'https://mcp.example',
    database: 'sqlite:./x.db',
    identity: { providers: { idp: { issuer: 'https://idp.example', clientId: 'c', clientSecret: 'env:S' } } },
    servers: { crm: { url: 'https://crm.example/mcp', review } },
  });
  return unstored({ servers, roles, policyFiles: [...policyFiles] });
}
