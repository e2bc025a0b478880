import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import SQLite from 'better-sqlite3';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ActiveCatalog } from './catalog/active-catalog.js';
import { settingsSchema, type LoadedConfig } from './config/settings.js';
import { AuditService } from './audit/audit.service.js';
import { RecordLog } from './audit/record-log.js';
import { Logger } from './observability/logger.js';
import { Metrics } from './observability/metrics.js';
import { openInstallation } from './storage/open-installation.js';
import { StorageService } from './storage/storage.service.js';
import { verifyLog } from '#shared/audit-log/verify-log.js';
import { storeSecret } from './store-secret.js';

let config: LoadedConfig;

beforeEach(() => {
  const settings = settingsSchema.parse({
    publicUrl: 'https://mcp.acme.example',
    database: 'sqlite:mcp-sso.db',
    identity: { providers: {} },
    servers: {},
  });
  const directory = mkdtempSync(join(tmpdir(), 'mcp-sso-secret-'));
  config = { directory, settings, policyFiles: [], masterKey: Buffer.alloc(32, 7), environment: {} };
});

afterEach(() => rmSync(config.directory, { recursive: true }));

function recorded(): { type: string; phase: string }[] {
  const database = new SQLite(join(config.directory, 'mcp-sso.db'), { readonly: true });
  const headers = database.prepare('select header from audit_records order by idx').pluck().all() as string[];
  database.close();
  return headers.map((header) => JSON.parse(header) as { type: string; phase: string });
}

test('a value gets a new version each time, on record before and after', async () => {
  expect(await storeSecret(config, 'crm-token', 'first-value')).toEqual({ version: 1 });
  expect(await storeSecret(config, 'crm-token', 'second-value')).toEqual({ version: 2 });
  const phases = recorded()
    .filter(({ type }) => type === 'secret.set')
    .map(({ phase }) => phase);
  expect(phases).toEqual(['intent', 'outcome', 'intent', 'outcome']);
});

test('the value is nowhere in the files, read as bytes', async () => {
  await storeSecret(config, 'crm-token', 'needle-in-the-files');
  for (const file of readdirSync(config.directory)) {
    const bytes = readFileSync(join(config.directory, file));
    expect(bytes.includes('needle-in-the-files')).toBe(false);
    expect(bytes.includes(Buffer.from('needle-in-the-files').toString('base64'))).toBe(false);
  }
});

test('a value that no request could carry is refused, and that is on record too', async () => {
  await expect(storeSecret(config, 'crm-token', 'two\nlines')).rejects.toMatchObject({ code: 'usage' });
  expect(recorded().filter(({ type, phase }) => type === 'secret.set' && phase === 'outcome')).toHaveLength(1);
});

test('beside a running control plane both write to one log, which stays whole', async () => {
  const { db, rootKey } = await openInstallation(config.settings.database, config);
  const storage = new StorageService(db, rootKey.key);
  const running = await RecordLog.open(storage, 'mcp.acme.example/audit', Date.now());
  const audit = new AuditService(running, storage, ActiveCatalog.of(config), new Logger('error'), new Metrics());
  await audit.recordStart();
  await storeSecret(config, 'crm-token', 'value');
  await audit.write({ type: 'list', phase: 'event', facts: {}, subject: 'system', personal: {} });
  const { headers, checkpoint, verifierKey } = await audit.log(0);
  await audit.onApplicationShutdown();
  await storage.onApplicationShutdown();
  expect(verifyLog(headers, checkpoint, verifierKey)).toMatchObject({ size: 4 });
  expect(recorded().map(({ type, phase }) => `${type} ${phase}`)).toEqual([
    'system.start event',
    'secret.set intent',
    'secret.set outcome',
    'list event',
    'system.stop event',
  ]);
});
