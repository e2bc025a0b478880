// A control plane's process that asks for the token of a connection: its one argument says in JSON which, and where.
import { PassThrough } from 'node:stream';
import { ActiveCatalog } from '../../../catalog/active-catalog.js';
import type { LoadedConfig } from '../../../config/settings.js';
import { Logger } from '../../../observability/logger.js';
import { InProcessNotifications } from '../../../storage/notifications/in-process-notifications.js';
import { openDatabase } from '../../../storage/open-database.js';
import { StorageService } from '../../../storage/storage.service.js';
import type { TokenRequest } from '../connection.js';
import { ConnectionsService } from '../connections.service.js';

export interface TokenProcessInput {
  readonly config: Omit<LoadedConfig, 'masterKey'>;
  readonly masterKey: string; // hex
  readonly request: TokenRequest;
}

async function askForToken({ config: given, masterKey, request }: TokenProcessInput): Promise<void> {
  const config = { ...given, masterKey: Buffer.from(masterKey, 'hex') };
  const storage = new StorageService(await openDatabase(config.settings.database, config.directory), config.masterKey);
  const notifications = new InProcessNotifications(storage.db);
  const audit = { write: () => Promise.resolve({ id: '' }) };
  const logger = new Logger('error', new PassThrough().resume());
  const catalog = ActiveCatalog.of(config);
  // The audit of a process that is killed in between is never reached.
  const service = new ConnectionsService(config, storage, notifications, audit, catalog, logger);
  await service.tokenFor(request);
}

void askForToken(JSON.parse(process.argv[2] ?? '') as TokenProcessInput);
