import { z } from 'zod';
import { optionalPackage } from '../../secret-stores/optional-package.js';
import { askInTime } from './ask-in-time.js';
import type { KeyEncryptionKey } from './key-encryption-key.js';
import type { CryptographyClientOptions } from '@azure/keyvault-keys';
import type { TokenCredential } from '@azure/identity';

const ALGORITHM = 'RSA-OAEP-256';
/** Which version of the key wrapped it is not in the bytes, as it is with the other services. */
const wrappedSchema = z.strictObject({ kid: z.string(), value: z.base64() });

interface AzureKey {
  /** `https://NAME.vault.azure.net/keys/NAME`, without a version: the newest wraps. */
  readonly id: string;
  readonly setting: string;
  readonly credential?: TokenCredential;
  readonly options?: CryptographyClientOptions;
}

/**
 * An RSA key of Azure Key Vault, by the SDK and DefaultAzureCredential
 * (https://learn.microsoft.com/rest/api/keyvault/keys/wrap-key and …/unwrap-key).
 */
export async function azureKeyVault({ id, setting, credential, options }: AzureKey): Promise<KeyEncryptionKey> {
  const keys = await optionalPackage('@azure/keyvault-keys', () => import('@azure/keyvault-keys'));
  const identity = await optionalPackage('@azure/identity', () => import('@azure/identity'));
  const proof = credential ?? new identity.DefaultAzureCredential();
  const client = (key: string) => new keys.CryptographyClient(key, proof, options);
  return {
    id: `azure-key-vault:${id}`,
    setting,
    wrap: (plain) =>
      askInTime('Azure Key Vault', async (abortSignal) => {
        const { result, keyID } = await client(id).wrapKey(ALGORITHM, plain, { abortSignal });
        return Buffer.from(JSON.stringify({ kid: keyID ?? id, value: Buffer.from(result).toString('base64') }));
      }),
    unwrap: async (wrapped) => {
      const { kid, value } = wrappedSchema.parse(JSON.parse(wrapped.toString()));
      // A row that somebody edited must not send our token to another vault.
      if (kid !== id && !kid.startsWith(`${id}/`)) throw new Error('wrapped by another key');
      return await askInTime(
        'Azure Key Vault',
        async (abortSignal) => {
          const opened = await client(kid).unwrapKey(ALGORITHM, Buffer.from(value, 'base64'), { abortSignal });
          return Buffer.from(opened.result);
        },
        (error) => error instanceof Error && 'statusCode' in error && error.statusCode === 400,
      );
    },
  };
}
