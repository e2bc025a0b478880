import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import SQLite from 'better-sqlite3';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { settingsSchema, type LoadedConfig } from './config/settings.js';
import { serve } from './serve.js';

let directory: string;
let ports: readonly [number, number];

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'mcp-sso-serve-'));
  writeFileSync(join(directory, 'secret'), 'abcd');
  ports = [await freePort(), await freePort()];
});

afterEach(() => rmSync(directory, { recursive: true }));

function config(): LoadedConfig {
  const settings = settingsSchema.parse({
    publicUrl: `http://127.0.0.1:${ports[0]}`,
    listen: `127.0.0.1:${ports[0]}`,
    adminListen: `127.0.0.1:${ports[1]}`,
    database: 'sqlite:mcp-sso.db',
    logLevel: 'error',
    identity: { providers: { okta: { issuer: 'http://127.0.0.1:9', clientId: 'abc', clientSecret: 'file:secret' } } },
    servers: { crm: { url: 'http://127.0.0.1:9/mcp' } },
  });
  return { directory, settings, policyFiles: [], masterKey: Buffer.alloc(32, 7), environment: {} };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

test('a start is ready, and a stop leaves nothing listening', async () => {
  const service = await serve(config());
  expect((await fetch(`http://127.0.0.1:${ports[0]}/readyz`)).status).toBe(200);
  expect((await fetch(`http://127.0.0.1:${ports[1]}/health`)).status).toBe(200);
  await service.stop();
  await expect(fetch(`http://127.0.0.1:${ports[0]}/readyz`)).rejects.toThrow('fetch failed');
  await expect(fetch(`http://127.0.0.1:${ports[1]}/health`)).rejects.toThrow('fetch failed');
});

test('a request under way is answered while the process stops, and operators see why it is not ready', async () => {
  const service = await serve(config());
  const body = 'grant_type=refresh_token&client_id=mcp-bridge&refresh_token=x';
  const socket = connect(ports[0], '127.0.0.1');
  await once(socket, 'connect');
  const head = `POST /oauth/token HTTP/1.1\r\nhost: x\r\ncontent-type: application/x-www-form-urlencoded\r\ncontent-length: ${body.length}\r\nexpect: 100-continue\r\n\r\n`;
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

test('one database has one control plane, and a port in use is a sentence', async () => {
  const service = await serve(config());
  await expect(serve(config())).rejects.toThrow('Another mcp-sso-control-plane is running on this database.');
  const other = { ...config(), directory: mkdtempSync(join(directory, 'other-')) };
  await expect(serve(other)).rejects.toThrow(
    `adminListen: cannot listen on 127.0.0.1:${ports[1]} (listen EADDRINUSE: address already in use 127.0.0.1:${ports[1]}). Stop what holds the port, or change adminListen in mcp-sso.yaml.`,
  );
  await service.stop();
});

test('a start that cannot be put on record fails', async () => {
  const first = await serve(config());
  await first.stop();
  const database = new SQLite(join(directory, 'mcp-sso.db'));
  database.exec("create trigger full before insert on audit_records begin select raise(abort, 'disk full'); end");
  database.close();
  await expect(serve(config())).rejects.toMatchObject({ code: 'audit_unavailable' });
  await expect(fetch(`http://127.0.0.1:${ports[0]}/readyz`)).rejects.toThrow('fetch failed');
});
