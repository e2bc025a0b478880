import { z } from 'zod';
import { SecretUnreadable } from '../config/secret-reference.js';
import { fieldOf, type StoredSecret } from './stored-secret.js';
import type { VaultClient } from './vault-client.js';

const versionSchema = z.object({
  data: z.object({
    data: z.record(z.string(), z.unknown()),
    /** RFC 3339, or empty: when this version is deleted (`delete_version_after`). */
    metadata: z.object({ deletion_time: z.string().default('') }),
  }),
});

/**
 * A field of the newest version of a secret in KV version 2
 * (https://developer.hashicorp.com/vault/api-docs/secret/kv/kv-v2#read-secret-version). Throws SecretUnreadable.
 */
export async function readVaultSecret(
  client: VaultClient,
  mount: string,
  { path, field }: { readonly path: string; readonly field: string },
): Promise<StoredSecret> {
  const place = path.split('/').map(encodeURIComponent).join('/');
  const parsed = versionSchema.safeParse(await client.ask({ method: 'GET', path: `${mount}/data/${place}` }));
  if (!parsed.success) {
    throw new SecretUnreadable(
      'the answer is not that of KV version 2',
      'name the mount of a KV version 2 engine as secretStores.vault.mount',
    );
  }
  const { data, metadata } = parsed.data.data;
  const end = Date.parse(metadata.deletion_time);
  return { value: fieldOf(data, field), ...(Number.isNaN(end) ? {} : { endsAt: end }) };
}
