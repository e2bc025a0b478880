import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { settingsSchema, type CredentialSettings } from '../config/settings.js';
import { openDatabase } from '../storage/open-database.js';
import { StorageService } from '../storage/storage.service.js';
import { CredentialsService } from './credentials.service.js';
import { NO_INJECTION } from './injection.js';

const NO_CONNECTIONS = { tokenFor: () => Promise.reject(new Error('there are none')) };
const NO_ASSERTIONS = { open: () => Promise.reject(new Error('there are none')) };
const ALICE = { id: 'ses_1', groups: ['okta/engineering'] };

let directory: string;
let storage: StorageService;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'mcp-sso-credentials-'));
  storage = new StorageService(await openDatabase('sqlite:./c.db', directory), Buffer.alloc(32, 1));
});
afterEach(async () => {
  vi.useRealTimers();
  await storage.onApplicationShutdown();
  await rm(directory, { recursive: true });
});

function serviceFor(credential: CredentialSettings | undefined, environment: Record<string, string> = {}) {
  const settings = settingsSchema.parse({
    publicUrl: 'https://mcp.acme.example',
    identity: { providers: {} },
    servers: { crm: { url: 'https://crm.acme.example/mcp', ...(credential ? { credential } : {}) } },
  });
  const config = { directory, settings, policyFiles: [], masterKey: Buffer.alloc(32, 1), environment };
  const service = new CredentialsService(config, storage, NO_CONNECTIONS, NO_ASSERTIONS);
  return {
    resolve: (server: string) => service.at(settings.servers).resolve({ server, session: ALICE }),
    setSecret: (name: string, value: string) => service.setSecret(name, value),
  };
}
const authorization = async (service: ReturnType<typeof serviceFor>) =>
  (await service.resolve('crm')).headers['authorization'];
const bearer = (secret: string): CredentialSettings => ({ kind: 'bearer', secret });

test('a server without a credential gets nothing', async () => {
  expect(await serviceFor(undefined).resolve('crm')).toBe(NO_INJECTION);
});

test('env:, file: and secret: all lead to the value, without its line break', async () => {
  await writeFile(join(directory, 'key.txt'), 'from-a-file\n');
  const stored = serviceFor(bearer('secret:crm-key'));
  await stored.setSecret('crm-key', 'from-the-store\r\n');
  expect(await authorization(serviceFor(bearer('env:KEY'), { KEY: 'from-the-env\n' }))).toBe('Bearer from-the-env');
  expect(await authorization(serviceFor(bearer('file:key.txt')))).toBe('Bearer from-a-file');
  expect(await authorization(stored)).toBe('Bearer from-the-store');
});

test('a new secret acts on the next call', async () => {
  const service = serviceFor(bearer('secret:crm-key'));
  expect(await service.setSecret('crm-key', 'first-value')).toEqual({ version: 1 });
  expect((await service.resolve('crm')).secrets).toEqual(['first-value']);
  expect(await service.setSecret('crm-key', 'second-value')).toEqual({ version: 2 });
  expect(await service.resolve('crm')).toMatchObject({ secrets: ['second-value'], version: 2 });
});

test('a value is used for 30 s and then read again', async () => {
  vi.useFakeTimers({ toFake: ['Date'] });
  const service = serviceFor(bearer('file:key.txt'));
  await writeFile(join(directory, 'key.txt'), 'first-value');
  expect((await service.resolve('crm')).secrets).toEqual(['first-value']);
  await writeFile(join(directory, 'key.txt'), 'second-value');
  vi.advanceTimersByTime(29_999);
  expect((await service.resolve('crm')).secrets).toEqual(['first-value']);
  vi.advanceTimersByTime(1);
  expect((await service.resolve('crm')).secrets).toEqual(['second-value']);
});

test('callers at the same moment share one reading', async () => {
  const service = serviceFor(bearer('env:KEY'), { KEY: 'value-of-env' });
  const [a, b] = await Promise.all([service.resolve('crm'), service.resolve('crm')]);
  expect(a).toBe(b);
});

test('a failure is not remembered', async () => {
  const service = serviceFor(bearer('file:key.txt'));
  await expect(service.resolve('crm')).rejects.toMatchObject({ code: 'credential_unavailable' });
  await writeFile(join(directory, 'key.txt'), 'now-it-is-here');
  expect((await service.resolve('crm')).secrets).toEqual(['now-it-is-here']);
});

test.each([
  [bearer('env:KEY'), {}, 'the environment variable KEY is not set'],
  [bearer('env:KEY'), { KEY: '\n' }, 'env:KEY is empty'],
  [bearer('env:KEY'), { KEY: 'abc' }, 'env:KEY is not a text of 4 to 8192 characters'],
  [bearer('env:KEY'), { KEY: 'hidden\r\nx-evil: 1' }, 'env:KEY holds control characters'],
  [bearer('env:KEY'), { KEY: 'hidden-ключ' }, 'no HTTP header can carry'],
  [bearer('file:none.txt'), {}, 'there is no file none.txt'],
  [bearer('secret:none'), {}, 'there is no secret none in the store'],
  [{ kind: 'header', name: 'Host', secret: 'env:KEY' }, { KEY: 'hidden-key' }, 'the header host belongs to HTTP'],
] as const)('%o with %o is unavailable, for a private reason', async (credential, environment, detail) => {
  const error: unknown = await serviceFor(credential, environment)
    .resolve('crm')
    .catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({
    code: 'credential_unavailable',
    message: 'The credential for this server is not available, so the call was refused. Tell your administrator.',
    detail: expect.stringContaining(detail),
  });
  expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('hidden');
});

test('an unknown server has no credential to give', async () => {
  const service = serviceFor(undefined);
  for (const server of ['erp', 'constructor', '__proto__']) {
    await expect(service.resolve(server)).rejects.toMatchObject({ code: 'credential_unavailable' });
  }
});

test.each(['', 'abc', 'hidden\nvalue', `hidden${'x'.repeat(9000)}`])('%j is not stored', async (value) => {
  const error: unknown = await serviceFor(undefined)
    .setSecret('crm-key', value)
    .catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: 'usage' });
  expect(inspect(error, { depth: 9 })).not.toContain('hidden');
  expect(await storage.db.selectFrom('secrets').selectAll().execute()).toEqual([]);
});

test.each(['', 'Crm', '../x', 'a/1', '-a', 'a'.repeat(65)])('%j is no name of a secret', async (name) => {
  await expect(serviceFor(undefined).setSecret(name, 'good-value')).rejects.toMatchObject({ code: 'usage' });
});
