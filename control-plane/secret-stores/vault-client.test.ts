import { afterEach, expect, test } from 'vitest';
import type { VaultSettings } from '../config/secret-store-settings.js';
import { SecretUnreadable } from '../config/secret-reference.js';
import { ScriptedVault } from './testing/scripted-vault.js';
import { VaultClient } from './vault-client.js';
import { readVaultSecret } from './vault-kv.js';

// The shapes are those of Vault's documentation (https://developer.hashicorp.com/vault/api-docs); not run against a live Vault.

let vault: ScriptedVault;
let now = 0;

async function clientOf(auth: VaultSettings['auth'], namespace?: string): Promise<VaultClient> {
  vault = await ScriptedVault.start();
  now = 1_000_000;
  const settings = { address: vault.address, auth, namespace };
  return new VaultClient({ settings, read: async (reference) => `value of ${reference}`, now: () => now });
}

afterEach(() => vault[Symbol.asyncDispose]());

const PLACE = { path: 'team/crm', field: 'token' };
const read = (client: VaultClient) => readVaultSecret(client, 'secret', PLACE);

test.each([
  [
    { method: 'approle', roleId: 'role-1', secretId: 'env:ID', mount: 'approle' },
    'auth/approle/login',
    { role_id: 'role-1', secret_id: 'value of env:ID' },
  ],
  [
    { method: 'kubernetes', role: 'mcp', jwt: 'file:/token', mount: 'k8s/eu' },
    'auth/k8s/eu/login',
    { role: 'mcp', jwt: 'value of file:/token' },
  ],
  [
    { method: 'jwt', role: 'mcp', jwt: 'env:JWT', mount: 'jwt' },
    'auth/jwt/login',
    { role: 'mcp', jwt: 'value of env:JWT' },
  ],
] as const)('signs in by $method once for all who wait', async (auth, path, body) => {
  const client = await clientOf(auth, 'platform');
  vault.secrets.set('secret/data/team/crm', { token: 'crm-value' });
  const found = await Promise.all([read(client), read(client), read(client)]);
  expect(found.map(({ value }) => value)).toEqual(['crm-value', 'crm-value', 'crm-value']);
  const signIns = vault.asked.filter((one) => one.path === path);
  expect(signIns.map(({ method, body: sent, namespace }) => ({ method, sent, namespace }))).toEqual([
    { method: 'POST', sent: body, namespace: 'platform' },
  ]);
});

test('renews its token at two thirds of its life, and signs in anew where that is refused', async () => {
  const client = await clientOf({ method: 'jwt', role: 'mcp', jwt: 'env:JWT', mount: 'jwt' });
  vault.secrets.set('secret/data/team/crm', { token: 'crm-value' });
  await read(client);
  now += 599_000;
  await read(client);
  expect(vault.count('auth/token/renew-self')).toBe(0);
  now += 2_000;
  await read(client);
  expect(vault.count('auth/token/renew-self')).toBe(1);
  now += 700_000;
  vault.renews = false;
  await read(client);
  expect({ renewals: vault.count('auth/token/renew-self'), signIns: vault.count('auth/jwt/login') }).toEqual({
    renewals: 2,
    signIns: 2,
  });
});

test('a token that was revoked before its end is replaced once; a refusal after that is one', async () => {
  const client = await clientOf({ method: 'jwt', role: 'mcp', jwt: 'env:JWT', mount: 'jwt' });
  vault.secrets.set('secret/data/team/crm', { token: 'crm-value' });
  await read(client);
  vault.revokeAll();
  expect((await read(client)).value).toBe('crm-value');
  vault.forbidden = true;
  await expect(read(client)).rejects.toMatchObject({ message: 'the Vault refused us' });
});

test('a token of the settings is looked up, and used as it is', async () => {
  const client = await clientOf({ method: 'token', token: 'env:VAULT_TOKEN' });
  vault.tokens.add('value of env:VAULT_TOKEN');
  vault.secrets.set('secret/data/team/crm', { token: 'crm-value' });
  expect((await read(client)).value).toBe('crm-value');
  expect(vault.count('auth/token/lookup-self')).toBe(1);
});

test('a version with an end says when; missing secrets, fields and other engines are told apart', async () => {
  const client = await clientOf({ method: 'jwt', role: 'mcp', jwt: 'env:JWT', mount: 'jwt' });
  await expect(read(client)).rejects.toMatchObject({ message: 'the Vault has nothing there', reason: 'absent' });
  vault.secrets.set('secret/data/team/crm', { other: 'crm-value' });
  await expect(read(client)).rejects.toThrow('the secret has no text in a field token');
  vault.secrets.set('secret/data/team/crm', { token: 'crm-value' });
  vault.deletionTime = '2027-01-31T00:00:00.5Z';
  expect(await read(client)).toEqual({ value: 'crm-value', endsAt: Date.parse('2027-01-31T00:00:00.5Z') });
});

test('no answer and a sealed Vault are plain errors without a value', async () => {
  const client = await clientOf({ method: 'jwt', role: 'mcp', jwt: 'env:JWT', mount: 'jwt' });
  vault.sealed = true;
  await expect(read(client)).rejects.toThrow('the Vault is sealed or in maintenance');
  await vault[Symbol.asyncDispose]();
  const failure: unknown = await read(client).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(SecretUnreadable);
  expect(String(failure)).toBe('SecretUnreadable: the Vault cannot be asked (ECONNREFUSED)');
});
