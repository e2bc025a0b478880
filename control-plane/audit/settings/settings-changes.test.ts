import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { parseHeader } from '#shared/audit-log/record-header.js';
import { settingsSchema, type Settings } from '../../config/settings.js';
import { Logger } from '../../observability/logger.js';
import { onEachEngine, onPostgres } from '../../storage/testing/engines.js';
import { TemporaryAudit, type OpenAudit } from '../testing/open-audit.js';
import { SettingsChanges } from './settings-changes.service.js';

const identity = { providers: { okta: { issuer: 'https://acme.okta.example', clientId: 'c', clientSecret: 'env:S' } } };
const BASE = { publicUrl: 'https://mcp.acme.example', identity, servers: {} };

let temporary: TemporaryAudit;
let audit: OpenAudit;

async function start(more: object, { service, storage } = audit): Promise<void> {
  const settings: Settings = settingsSchema.parse({ ...BASE, ...more });
  await new SettingsChanges({ settings }, storage, service, new Logger('error', new PassThrough())).recordStart();
}

/** Facts of each change, oldest first, without who wrote it. */
async function changes(): Promise<Record<string, unknown>[]> {
  const rows = await audit.storage.db.selectFrom('audit_records').select('header').orderBy('idx').execute();
  return rows
    .map(({ header }) => parseHeader(header)!)
    .filter(({ type }) => type === 'config.change')
    .map(({ facts: { replica: _replica, ...facts } }) => facts);
}

onEachEngine((engine) => {
  beforeEach(async () => {
    temporary = await TemporaryAudit.create(engine);
    audit = await temporary.open();
  });
  afterEach(async () => {
    await audit.close();
    await temporary[Symbol.asyncDispose]();
  });

  test('a start with other settings is on record once, by the names of the keys and keyed hashes alone', async () => {
    await start({});
    await start({});
    expect(await changes()).toEqual([]);
    await start({ trustedProxies: ['192.0.2.0/24'], approvals: { minutes: 5 } });
    await start({ trustedProxies: ['192.0.2.0/24'], approvals: { minutes: 5 } });
    await start({});
    const [there, back, ...others] = await changes();
    expect([others, there, back]).toEqual([
      [],
      {
        target: 'mcp-sso.yaml',
        settings: expect.stringMatching(/^[0-9a-f]{64}$/),
        settingsBefore: back?.['settings'],
        keys: ['approvals', 'trustedProxies'],
      },
      {
        target: 'mcp-sso.yaml',
        settings: expect.stringMatching(/^[0-9a-f]{64}$/),
        settingsBefore: there?.['settings'],
        keys: ['approvals', 'trustedProxies'],
      },
    ]);
    expect(there?.['settings']).not.toBe(back?.['settings']);
    const stored = JSON.stringify(await temporary.database.query('select * from started_settings'));
    expect(['192.0.2', 'acme', 'env:S'].filter((value) => stored.includes(value))).toEqual([]);
  });

  test('a key that is new or gone is named; servers and roles are the catalog’s', async () => {
    await start({});
    await start({ previousMasterKey: 'file:./old.key' });
    await start({});
    await start({ servers: { crm: { url: 'https://crm.example/mcp' } }, roles: { owner: ['okta/it-admins'] } });
    expect((await changes()).map(({ keys }) => keys)).toEqual([['previousMasterKey'], ['previousMasterKey']]);
  });

  test('a change that cannot be recorded stops the start, and is not forgotten', async () => {
    await start({});
    await temporary.database.breakWrites('insert', 'audit_records');
    await expect(start({ logLevel: 'debug' })).rejects.toMatchObject({ code: 'audit_unavailable' });
    await temporary.database.mendWrites('audit_records');
    await start({ logLevel: 'debug' });
    expect((await changes()).map(({ keys }) => keys)).toEqual([['logLevel']]);
  });
});

onPostgres(() => {
  test('of control planes that start at once with the same change, one records it', async () => {
    await using own = await TemporaryAudit.create('postgres');
    await using replicas = new AsyncDisposableStack();
    const opened = await Promise.all(Array.from({ length: 4 }, () => own.open()));
    for (const replica of opened) replicas.use(replica);
    audit = opened[0]!;
    await start({});
    await Promise.all(opened.map((replica) => start({ approvals: { minutes: 5 } }, replica)));
    // A replica knows the log as far as it has written or opened it; the record may be another's.
    audit = replicas.use(await own.open());
    expect((await changes()).map(({ keys }) => keys)).toEqual([['approvals']]);
  });
});
