import { describe, expect, it } from 'vitest';
import { parseExternalKey } from '../../control-plane/config/key-reference.js';
import { settingsSchema } from '../../control-plane/config/settings.js';
import { parseStoreReference } from '../../control-plane/config/store-reference.js';
import { SecretStores } from '../../control-plane/secret-stores/secret-stores.js';
import { keysOfSettings } from '../../control-plane/storage/root-keys/keys-of-settings.js';

/** Each runs where its variables are given, and is listed by name where they are not. */
const { env } = process;
const VAULT = env['VAULT_ADDR'] !== undefined && env['VAULT_TOKEN'] !== undefined;

function configured(more: object) {
  const vault = { vault: { address: env['VAULT_ADDR'], auth: { method: 'token', token: 'env:VAULT_TOKEN' } } };
  const settings = settingsSchema.parse({
    publicUrl: 'https://mcp.acme.example',
    identity: { providers: {} },
    servers: {},
    secretStores: {
      ...(VAULT ? vault : {}),
      awsSecretsManager: { region: env['AWS_REGION'] ?? 'eu-central-1' },
      onePassword: { token: 'env:OP_SERVICE_ACCOUNT_TOKEN' },
    },
    ...more,
  });
  return { settings, policyFiles: [], directory: process.cwd(), environment: env };
}

describe.each([
  ['MCP_SSO_TEST_AWS_KMS', true],
  ['MCP_SSO_TEST_GCP_KMS', true],
  ['MCP_SSO_TEST_AZURE_KEY_VAULT', true],
  ['MCP_SSO_TEST_VAULT_TRANSIT', VAULT],
])('the live key service that %s names, written as masterKey', (variable, reachable) => {
  const masterKey = env[variable];
  it.skipIf(masterKey === undefined || !reachable)('opens what it has wrapped, and nothing else', async () => {
    expect(parseExternalKey(masterKey ?? '')).toBeDefined();
    const { current } = await keysOfSettings(configured({ masterKey }));
    const wrapped = await current.wrap(Buffer.alloc(40, 5));
    expect((await current.unwrap(wrapped)).equals(Buffer.alloc(40, 5))).toBe(true);
    await expect(current.unwrap(wrapped.subarray(0, -4))).rejects.toThrow(/./);
  });
});

describe.each([
  ['MCP_SSO_TEST_VAULT_SECRET', VAULT],
  ['MCP_SSO_TEST_AWS_SECRET', true],
  ['MCP_SSO_TEST_1PASSWORD_SECRET', env['OP_SERVICE_ACCOUNT_TOKEN'] !== undefined],
])('the live secret that %s names, written as a reference', (variable, reachable) => {
  const text = env[variable];
  it.skipIf(text === undefined || !reachable)('is read', async () => {
    const reference = parseStoreReference(text ?? '');
    if (reference === undefined) throw new Error(`${variable} is no reference.`);
    expect(await new SecretStores(configured({})).read(reference)).not.toBe('');
  });
});
