import { expect, test } from 'vitest';
import { secretStoreFindings } from './check-secret-stores.js';

const VAULT = { vault: { address: 'https://vault.acme.example', auth: { method: 'token', token: 'env:T' } } };
const texts = (value: object) =>
  secretStoreFindings(value).map(({ path, message, fix }) => `${path.join('.')}: ${message} → ${fix}`);

test('a reference to a store that no setting opens is named where it stands', () => {
  const servers = {
    crm: { url: 'https://crm.acme.example/mcp', credential: { kind: 'bearer', secret: 'vault:crm#token' } },
    files: {
      command: ['x'],
      env: { A: 'aws-secrets-manager:a', B: 'plain' },
      files: { '/run/b': '1password:op://a/b/c' },
    },
  };
  expect(texts({ servers })).toEqual([
    'servers.crm.credential.secret: nothing says how to get into vault → add secretStores.vault',
    'servers.files.env.A: nothing says how to get into aws-secrets-manager → add secretStores.awsSecretsManager',
    'servers.files.files./run/b: nothing says how to get into 1password → add secretStores.onePassword',
  ]);
  const secretStores = { ...VAULT, awsSecretsManager: { region: 'eu-central-1' }, onePassword: { token: 'env:OP' } };
  expect(texts({ servers, secretStores })).toEqual([]);
});

test('a transit key lies in the Vault that we sign in to, and in no other', () => {
  const masterKey = 'vault-transit:https://vault.acme.example/v1/transit/keys/root';
  expect(texts({ masterKey, secretStores: VAULT })).toEqual([]);
  expect(texts({ masterKey })).toEqual([
    'masterKey: nothing says how to sign in at this Vault → add secretStores.vault with address and auth',
  ]);
  const previousMasterKey = 'vault-transit:https://evil.example/v1/transit/keys/root';
  expect(texts({ masterKey, previousMasterKey, secretStores: VAULT })).toEqual([
    'previousMasterKey: not at the address of secretStores.vault → write the same address at both places',
  ]);
});

const address = (text: string) => ({ secretStores: { vault: { ...VAULT.vault, address: text } } });

test('a token travels over https, or stays on this machine', () => {
  expect(texts(address('http://127.0.0.1:8200'))).toEqual([]);
  expect(texts(address('http://vault.acme.example'))).toEqual([
    'secretStores.vault.address: plain http is accepted for this machine only → write its https address',
  ]);
});
