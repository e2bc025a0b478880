import { expect, test } from 'vitest';
import { parseExternalKey } from './key-reference.js';
import { isSecretReference, parseStoreReference } from './store-reference.js';

test.each([
  ['vault:team/crm#token', { store: 'vault', path: 'team/crm', field: 'token' }],
  ['aws-secrets-manager:prod/crm', { store: 'aws-secrets-manager', name: 'prod/crm' }],
  ['aws-secrets-manager:prod/crm#token', { store: 'aws-secrets-manager', name: 'prod/crm', field: 'token' }],
  ['1password:op://Ops/CRM/api token', { store: '1password', reference: 'op://Ops/CRM/api token' }],
  ['vault:8200', undefined],
  ['vault:#token', undefined],
  ['1password:Ops/CRM', undefined],
  ['env:TOKEN', undefined],
])('%s is read as a reference to a store', (text, expected) => {
  expect(parseStoreReference(text)).toEqual(expected);
});

test('a text that names a secret is one wherever that lies', () => {
  const texts = ['env:A', 'file:a', 'secret:a', 'vault:a#b', 'plain', 'vault:8200'];
  expect(texts.map(isSecretReference)).toEqual([true, true, true, true, false, false]);
});

test.each([
  ['aws-kms:arn:aws:kms:eu-central-1:111122223333:key/1234abcd', 'aws-kms'],
  ['aws-kms:arn:aws:kms:eu-central-1:111122223333:alias/mcp-sso', 'aws-kms'],
  ['gcp-kms:projects/p/locations/global/keyRings/r/cryptoKeys/k', 'gcp-kms'],
  ['azure-key-vault:https://acme.vault.azure.net/keys/root', 'azure-key-vault'],
  ['vault-transit:https://vault.acme.example:8200/v1/transit/keys/root', 'vault-transit'],
  ['azure-key-vault:https://acme.evil.example/keys/root', undefined],
  ['vault-transit:https://vault.acme.example/transit/keys/root', undefined],
  ['vault-transit:https://user@vault.acme.example/v1/transit/keys/root', undefined],
  ['aws-kms:alias/mcp-sso', undefined],
  ['file:./master.key', undefined],
])('%s is a key of a key service, or not', (text, service) => {
  expect(parseExternalKey(text)?.service).toBe(service);
});
