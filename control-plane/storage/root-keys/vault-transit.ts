import { z } from 'zod';
import type { VaultClient } from '../../secret-stores/vault-client.js';
import { VaultRefused } from '../../secret-stores/vault-http.js';
import { askInTime } from './ask-in-time.js';
import type { KeyEncryptionKey } from './key-encryption-key.js';

const wrappedSchema = z.object({ data: z.object({ ciphertext: z.string().startsWith('vault:') }) });
const openedSchema = z.object({ data: z.object({ plaintext: z.base64() }) });

interface TransitKey {
  readonly client: VaultClient;
  readonly mount: string;
  readonly name: string;
  readonly id: string;
  readonly setting: string;
}

/**
 * A key of the transit engine of HashiCorp Vault or OpenBao
 * (https://developer.hashicorp.com/vault/api-docs/secret/transit#encrypt-data, #decrypt-data).
 */
export function vaultTransit({ client, mount, name, id, setting }: TransitKey): KeyEncryptionKey {
  const ask = (verb: 'encrypt' | 'decrypt', body: object): Promise<unknown> =>
    client.ask({ method: 'POST', path: `${mount}/${verb}/${encodeURIComponent(name)}`, body });
  return {
    id,
    setting,
    wrap: (plain) =>
      askInTime('the Vault', async () => {
        const answer = await ask('encrypt', { plaintext: plain.toString('base64') });
        return Buffer.from(wrappedSchema.parse(answer).data.ciphertext);
      }),
    unwrap: (wrapped) =>
      askInTime(
        'the Vault',
        async () => {
          const answer = await ask('decrypt', { ciphertext: wrapped.toString() }).catch(refusedBytes);
          return Buffer.from(openedSchema.parse(answer).data.plaintext, 'base64');
        },
        (error) => error instanceof Refused,
      ),
  };
}

class Refused extends Error {}

/** Status 400 says that the ciphertext is not of this key. */
function refusedBytes(error: unknown): never {
  if (error instanceof VaultRefused && error.status === 400) throw new Refused('the key does not open these bytes');
  throw error;
}
