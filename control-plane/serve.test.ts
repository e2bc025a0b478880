import { freePort } from '../demo/stack/ports.js';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { parseHeader } from '#shared/audit-log/record-header.js';
import { settingsSchema, type LoadedConfig } from './config/settings.js';
import { serve } from './serve.js';
import type { Engine } from './storage/engine.js';
import { onEachEngine, onPostgres } from './storage/testing/engines.js';
import { TestDatabase } from './storage/testing/test-database.js';

let database: TestDatabase;
let directory: string;
let ports: readonly [number, number];

async function prepare(engine: Engine): Promise<void> {
  database = await TestDatabase.create(engine);
  ({ directory } = database);
  writeFileSync(join(directory, 'secret'), 'abcd');
  ports = [await freePort(), await freePort()];
}

afterEach(() => database[Symbol.asyncDispose]());

function config(): LoadedConfig {
  const settings = settingsSchema.parse({
    publicUrl: `http://127.0.0.1:${ports[0]}`,
    listen: `127.0.0.1:${ports[0]}`,
    adminListen: `127.0.0.1:${ports[1]}`,
    database: database.location,
    logLevel: 'error',
    identity: { providers: { okta: { issuer: 'http://127.0.0.1:9', clientId: 'abc', clientSecret: 'file:secret' } } },
    servers: { crm: { url: 'http://127.0.0.1:9/mcp' } },
  });
  return { directory, settings, policyFiles: [], masterKey: Buffer.alloc(32, 7), environment: {} };
}

onEachEngine((engine) => {
  beforeEach(() => prepare(engine));

  test('a start is ready, and a stop leaves nothing listening', async () => {
    const service = await serve(config());
    expect((await fetch(`http://127.0.0.1:${ports[0]}/readyz`)).status).toBe(200);
    expect((await fetch(`http://127.0.0.1:${ports[1]}/health`)).status).toBe(200);
    const metrics = await (await fetch(`http://127.0.0.1:${ports[1]}/metrics`)).text();
    expect(metrics).toMatch(/^mcp_sso_build_info\{version="\d+\.\d+\.\d+"\} 1$/m);
    expect(metrics).toMatch(/^process_resident_memory_bytes \d+$/m);
    await service.stop();
    await expect(fetch(`http://127.0.0.1:${ports[0]}/readyz`)).rejects.toThrow('fetch failed');
    await expect(fetch(`http://127.0.0.1:${ports[1]}/health`)).rejects.toThrow('fetch failed');
  });

  test('a request under way is answered while the process stops, and operators see why it is not ready', async () => {
    const service = await serve(config());
    const body = 'grant_type=refresh_token&client_id=mcp-bridge&refresh_token=x';
    const socket = connect(ports[0], '127.0.0.1');
    await once(socket, 'connect');
    const head = `POST /oauth/token HTTP/1.1\r\nhost: 127.0.0.1:${ports[0]}\r\ncontent-type: application/x-www-form-urlencoded\r\ncontent-length: ${body.length}\r\nexpect: 100-continue\r\n\r\n`;
    socket.write(head);
    await once(socket, 'data');
    const stopped = service.stop();
    const health = await fetch(`http://127.0.0.1:${ports[1]}/health`);
    expect(health.status).toBe(503);
    expect(await health.json()).toMatchObject({ reason: 'The control plane is stopping.' });
    await expect(fetch(`http://127.0.0.1:${ports[0]}/readyz`)).rejects.toThrow('fetch failed');
    socket.write(body);
    const [answer] = (await once(socket, 'data')) as [Buffer];
    expect(answer.toString()).toMatch(/^HTTP\/1\.1 400 /);
    await stopped;
  });

  test('a start with other settings than the last one is on record', async () => {
    await (await serve(config())).stop();
    const { settings, ...others } = config();
    await (await serve({ ...others, settings: { ...settings, approvals: { minutes: 5 } } })).stop();
    const rows = await database.query<{ header: string }>('select header from audit_records order by idx');
    const changes = rows.map(({ header }) => parseHeader(header)!).filter(({ type }) => type === 'config.change');
    expect(changes.map(({ facts }) => facts['keys'])).toEqual([['approvals']]);
  });

  test('a start that cannot be put on record fails', async () => {
    const first = await serve(config());
    await first.stop();
    await database.breakWrites('insert', 'audit_records');
    await expect(serve(config())).rejects.toMatchObject({ code: 'audit_unavailable' });
    await expect(fetch(`http://127.0.0.1:${ports[0]}/readyz`)).rejects.toThrow('fetch failed');
  });
});

test('one database has one control plane, and a port in use is a sentence', async () => {
  await prepare('sqlite');
  const service = await serve(config());
  await expect(serve(config())).rejects.toThrow('Another mcp-sso-control-plane is running on this database.');
  const settings = { ...config().settings, database: 'sqlite:./other.db' };
  await expect(serve({ ...config(), settings })).rejects.toThrow(
    `adminListen: cannot listen on 127.0.0.1:${ports[1]} (listen EADDRINUSE: address already in use 127.0.0.1:${ports[1]}). Stop what holds the port, or change adminListen in mcp-sso.yaml.`,
  );
  await service.stop();
});

onPostgres(() => {
  test('one database has as many control planes as wanted, and one goes on when another stops', async () => {
    await prepare('postgres');
    const first = await serve(config());
    const taken = ports;
    ports = [await freePort(), await freePort()];
    const second = await serve(config());
    for (const port of [taken[0], ports[0]]) {
      expect((await fetch(`http://127.0.0.1:${port}/readyz`)).status).toBe(200);
    }
    await first.stop();
    expect((await fetch(`http://127.0.0.1:${ports[0]}/readyz`)).status).toBe(200);
    await second.stop();
    const types = await database.query<{ type: string }>(
      "select type from audit_index where type like 'system.%' order by record_id",
    );
    expect(types.map(({ type }) => type)).toEqual(['system.start', 'system.start', 'system.stop', 'system.stop']);
  });
});
