import type { Server } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { CodedError, errorText } from '#shared/errors.js';
import { createApp } from './app.js';
import { AuditService } from './audit/audit.service.js';
import { SettingsChanges } from './audit/settings/settings-changes.service.js';
import { ClockWatch } from './clock/clock-watch.js';
import { CatalogService } from './catalog/catalog.service.js';
import { DirectoryFollower } from './catalog/directory-follower.js';
import { parseListen } from './config/address.js';
import { databaseLocation } from './config/database-location.js';
import type { LoadedConfig } from './config/settings.js';
import { drain } from './http/drain.js';
import { GracefulShutdown } from './http/graceful-shutdown.js';
import { listenForOperators } from './observability/admin-listener.js';
import { Health } from './observability/health.js';
import { Metrics } from './observability/metrics.js';
import { Logger, shown } from './observability/logger.js';
import { lockDatabase } from './storage/database-lock.js';
import { databaseName, isSqlite } from './storage/open-database.js';
import { unwritable } from './storage/unwritable.js';
import { PRODUCT } from './observability/product.js';

const OPERATORS_GRACE_MS = 100;
/** For the calls' own 10 s and for closing what they used. */
const CLOSE_LIMIT_MS = 20_000;

export interface Service {
  /** Not ready first, then no new calls; those under way get 10 s. Rejects where a part could not be closed. */
  stop(): Promise<void>;
  /** Reads the configuration directory now, instead of within seconds. */
  reload(): Promise<void>;
}

/** Starts the control plane and listens. Rejects, with everything closed again, where any part cannot start. */
export async function serve(config: LoadedConfig): Promise<Service> {
  using started = new DisposableStack();
  const location = await databaseLocation(config.settings.database, config);
  if (isSqlite(location)) started.use(lockDatabase(location, config.directory));
  const explain = (error: unknown): never => {
    if (error instanceof CodedError && error.code === 'config_invalid') throw error;
    throw unwritable(error, databaseName(location, config.directory)) ?? error;
  };
  const app = await createApp(config).catch(explain);
  const operators = await listen(app, config).catch(async (error: unknown) => {
    await app.close();
    return explain(error);
  });
  const lock = started.move();
  return {
    stop: () => stop(app, operators).finally(() => lock.dispose()),
    reload: () => app.get(DirectoryFollower).reload(),
  };
}

/** Opens both listeners once the start is on record; the public one last, so that whoever reaches it reaches a whole control plane. */
async function listen(app: NestFastifyApplication, { settings, policyFiles }: LoadedConfig): Promise<Server> {
  const health = app.get(Health);
  const metrics = app.get(Metrics);
  await app.get(ClockWatch).start();
  await app.get(AuditService).recordStart();
  await app.get(SettingsChanges).recordStart();
  await app.get(CatalogService).start({ ...settings, policyFiles });
  await app.get(DirectoryFollower).start();
  const operators = await bound('adminListen', settings.adminListen, (at) => listenForOperators(at, health, metrics));
  try {
    await bound('listen', settings.listen, ({ host, port }) => app.listen(port, host));
  } catch (error) {
    await drain(operators, 0);
    throw error;
  }
  health.started();
  metrics.observeProcess(PRODUCT.version);
  const { publicUrl, listen: at } = settings;
  app.get(Logger).info('system.ready', { publicUrl: shown(publicUrl), listen: shown(at) });
  return operators;
}

async function stop(app: NestFastifyApplication, operators: Server): Promise<void> {
  const logger = app.get(Logger);
  app.get(GracefulShutdown).begin();
  await Promise.race([app.close(), closingTooSlow()]);
  await drain(operators, OPERATORS_GRACE_MS);
  logger.info('system.stopped');
}

async function bound<T>(
  key: string,
  text: string,
  open: (address: { host: string; port: number }) => Promise<T>,
): Promise<T> {
  const address = parseListen(text);
  if (!address) throw new CodedError('config_invalid', { message: `${key}: ${text} is no address to listen on.` });
  try {
    return await open(address);
  } catch (cause) {
    throw new CodedError('config_invalid', {
      message: `${key}: cannot listen on ${text} (${errorText(cause)}). Stop what holds the port, or change ${key} in mcp-sso.yaml.`,
      cause,
    });
  }
}

async function closingTooSlow(): Promise<never> {
  await delay(CLOSE_LIMIT_MS, undefined, { ref: false });
  throw new Error(`not closed within ${CLOSE_LIMIT_MS} ms`);
}
