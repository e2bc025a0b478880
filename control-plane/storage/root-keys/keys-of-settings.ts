import { parseExternalKey } from '../../config/key-reference.js';
import { SecretUnreadable } from '../../config/secret-reference.js';
import type { LoadedConfig } from '../../config/settings.js';
import { outerSecret } from '../../secret-stores/secret-stores.js';
import { VaultClient } from '../../secret-stores/vault-client.js';
import { awsKms } from './aws-kms.js';
import { azureKeyVault } from './azure-key-vault.js';
import { gcpKms } from './gcp-kms.js';
import type { KeyEncryptionKey, KeyEncryptionKeys } from './key-encryption-key.js';
import { localKey } from './local-key.js';
import { vaultTransit } from './vault-transit.js';

/** The keys that `masterKey` and `previousMasterKey` name. Asks nobody yet. Throws SecretUnreadable. */
export async function keysOfSettings(config: LoadedConfig): Promise<KeyEncryptionKeys> {
  const { settings, masterKey, previousMasterKey } = config;
  const current = await keyOf('masterKey', settings.masterKey, masterKey, config);
  if (settings.previousMasterKey === undefined) return { current };
  return { current, previous: await keyOf('previousMasterKey', settings.previousMasterKey, previousMasterKey, config) };
}

async function keyOf(
  name: string,
  text: string,
  local: Buffer | undefined,
  config: LoadedConfig,
): Promise<KeyEncryptionKey> {
  const setting = `${name}: ${text}`;
  if (local !== undefined) return localKey(local, setting);
  const key = parseExternalKey(text);
  if (key === undefined) throw new Error(`${name} was not read`);
  if (key.service === 'aws-kms') return await awsKms({ ...key, setting });
  if (key.service === 'gcp-kms') return await gcpKms({ ...key, setting });
  if (key.service === 'azure-key-vault') return await azureKeyVault({ ...key, setting });
  return vaultTransit({ ...key, id: text, setting, client: vaultAt(key.origin, config) });
}

function vaultAt(address: string, config: LoadedConfig): VaultClient {
  const { vault } = config.settings.secretStores;
  if (vault === undefined) {
    throw new SecretUnreadable('nothing says how to sign in at the Vault', 'add secretStores.vault with its auth');
  }
  const read = (text: string): Promise<string> => outerSecret(text, config);
  return new VaultClient({ settings: { ...vault, address }, read });
}
