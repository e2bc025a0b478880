import { parseSecretReference } from './secret-reference.js';

/** A secret in somebody else's store, which is asked over the network. */
export type StoreReference =
  /** KV version 2 of HashiCorp Vault or OpenBao; `path` below the mount. */
  | { readonly store: 'vault'; readonly path: string; readonly field: string }
  /** The whole text of a secret, or a field of it where it is a JSON object. */
  | { readonly store: 'aws-secrets-manager'; readonly name: string; readonly field?: string }
  /** `op://vault/item/field`, as 1Password writes it. */
  | { readonly store: '1password'; readonly reference: string };

const VAULT = /^vault:([^#\s]+)#([^#\s]+)$/;
const AWS = /^aws-secrets-manager:([^#\s]+?)(?:#([^#\s]+))?$/;
const ONE_PASSWORD = /^1password:(op:\/\/[^/]+\/[^/]+\/.+)$/;

/** `vault:PATH#FIELD`, `aws-secrets-manager:NAME[#FIELD]` or `1password:op://…`; undefined for anything else. */
export function parseStoreReference(text: string): StoreReference | undefined {
  const [, path, vaultField] = VAULT.exec(text) ?? [];
  if (path !== undefined && vaultField !== undefined) return { store: 'vault', path, field: vaultField };
  const [, name, field] = AWS.exec(text) ?? [];
  if (name !== undefined) return { store: 'aws-secrets-manager', name, ...(field === undefined ? {} : { field }) };
  const [, reference] = ONE_PASSWORD.exec(text) ?? [];
  return reference === undefined ? undefined : { store: '1password', reference };
}

/** Whether a text names a secret, wherever that lies. */
export function isSecretReference(text: string): boolean {
  return parseSecretReference(text) !== undefined || parseStoreReference(text) !== undefined;
}
