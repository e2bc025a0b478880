import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { settingsSchema } from '../config/settings.js';
import { optionalPackage } from './optional-package.js';
import { SecretStores } from './secret-stores.js';
import { ScriptedVault } from './testing/scripted-vault.js';

// AWS: GetSecretValue as documented, by the real SDK; not run live.

let server: Server;
let secret: { readonly status: number; readonly body: object };
let names: unknown[];

beforeEach(async () => {
  names = [];
  server = createServer((request, response) => void serve(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  vi.stubEnv('AWS_ENDPOINT_URL_SECRETS_MANAGER', `http://127.0.0.1:${port}`);
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIDEXAMPLE');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'aws-secret-example');
});
afterEach(async () => {
  vi.unstubAllEnvs();
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
});

async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
  names.push(((await json(request)) as { SecretId?: string }).SecretId);
  response.writeHead(secret.status, { 'content-type': 'application/x-amz-json-1.1' });
  response.end(JSON.stringify(secret.body));
}

function stores(secretStores: object): SecretStores {
  const settings = settingsSchema.parse({
    publicUrl: 'https://mcp.acme.example',
    identity: { providers: {} },
    servers: {},
    secretStores,
  });
  return new SecretStores({ settings, directory: '/nowhere', environment: { TOKEN: 'vault-token', OP: 'nonsense' } });
}

test('AWS Secrets Manager gives a text, or a field of a JSON object', async () => {
  const aws = stores({ awsSecretsManager: { region: 'eu-central-1' } });
  secret = { status: 200, body: { Name: 'crm', SecretString: 'crm-value', VersionStages: ['AWSCURRENT'] } };
  expect(await aws.read({ store: 'aws-secrets-manager', name: 'crm' })).toBe('crm-value');
  await expect(aws.read({ store: 'aws-secrets-manager', name: 'crm', field: 'token' })).rejects.toThrow(
    'the secret is no JSON object',
  );
  secret = { status: 200, body: { Name: 'crm', SecretString: '{"token":"field-value"}' } };
  expect(await aws.read({ store: 'aws-secrets-manager', name: 'crm', field: 'token' })).toBe('field-value');
  expect(names).toEqual(['crm', 'crm', 'crm']);
});

test('what AWS refuses is told by its kind alone', async () => {
  const aws = stores({ awsSecretsManager: { region: 'eu-central-1' } });
  secret = { status: 400, body: { __type: 'ResourceNotFoundException', Message: 'said too much' } };
  await expect(aws.read({ store: 'aws-secrets-manager', name: 'crm' })).rejects.toMatchObject({
    message: 'AWS Secrets Manager has no such secret',
    reason: 'absent',
  });
  secret = { status: 400, body: { __type: 'AccessDeniedException', Message: 'said too much' } };
  await expect(aws.read({ store: 'aws-secrets-manager', name: 'crm' })).rejects.toMatchObject({
    message: 'AWS Secrets Manager cannot be asked (AccessDeniedException)',
  });
});

test('a Vault’s value is not used in its last half minute', async () => {
  await using vault = await ScriptedVault.start();
  vault.tokens.add('vault-token');
  vault.secrets.set('secret/data/crm', { token: 'crm-value' });
  const ours = stores({ vault: { address: vault.address, auth: { method: 'token', token: 'env:TOKEN' } } });
  const reference = { store: 'vault', path: 'crm', field: 'token' } as const;
  vault.deletionTime = new Date(Date.now() + 120_000).toISOString();
  expect(await ours.read(reference)).toBe('crm-value');
  vault.deletionTime = new Date(Date.now() + 20_000).toISOString();
  await expect(ours.read(reference)).rejects.toThrow(`the newest version ends at ${vault.deletionTime}`);
});

test('1Password refuses what is no token of a service account, without naming it', async () => {
  const ours = stores({ onePassword: { token: 'env:OP' } });
  await expect(ours.read({ store: '1password', reference: 'op://vault/item/field' })).rejects.toThrow(
    '1Password refused our service account',
  );
});

test('a store that the settings do not name says what to add', async () => {
  await expect(stores({}).read({ store: 'vault', path: 'crm', field: 'token' })).rejects.toMatchObject({
    message: 'nothing says how to get into this store',
    fix: 'add secretStores.vault',
  });
});

test('a package that is missing is named with the command that installs it', async () => {
  const missing = Object.assign(new Error("Cannot find package '@aws-sdk/client-kms' imported from x"), {
    code: 'ERR_MODULE_NOT_FOUND',
  });
  await expect(optionalPackage('@aws-sdk/client-kms', () => Promise.reject(missing))).rejects.toMatchObject({
    message: 'the package @aws-sdk/client-kms is not installed',
    fix: 'run, where mcp-sso is installed: npm install @aws-sdk/client-kms',
  });
});
