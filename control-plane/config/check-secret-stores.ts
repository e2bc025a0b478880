import { isLoopback } from './address.js';
import { stringsIn, valueAt, type Finding, type KeyPath } from './key-path.js';
import { parseExternalKey } from './key-reference.js';
import { parseStoreReference, type StoreReference } from './store-reference.js';

const SETTINGS: Readonly<Record<StoreReference['store'], string>> = {
  vault: 'vault',
  'aws-secrets-manager': 'awsSecretsManager',
  '1password': 'onePassword',
};

/** References to stores and key services against the settings that say how to get in there. Values are raw. */
export function secretStoreFindings(value: unknown): Finding[] {
  return [...plainAddress(value), ...transitKeys(value), ...unknownStores(value)];
}

function plainAddress(value: unknown): Finding[] {
  const path = ['secretStores', 'vault', 'address'];
  const address = valueAt(value, path);
  const url = typeof address === 'string' ? URL.parse(address) : null;
  if (!url || url.protocol === 'https:' || isLoopback(url)) return [];
  return [fault(path, 'plain http is accepted for this machine only', 'write its https address')];
}

/** The token that opens one Vault must not be sent to another. */
function transitKeys(value: unknown): Finding[] {
  return ['masterKey', 'previousMasterKey'].flatMap((name) => {
    const text = valueAt(value, [name]);
    const key = typeof text === 'string' ? parseExternalKey(text) : undefined;
    if (key?.service !== 'vault-transit') return [];
    const address = valueAt(value, ['secretStores', 'vault', 'address']);
    if (address === undefined) {
      return [
        fault([name], 'nothing says how to sign in at this Vault', 'add secretStores.vault with address and auth'),
      ];
    }
    const origin = typeof address === 'string' ? URL.parse(address)?.origin : undefined;
    if (origin === URL.parse(key.origin)?.origin) return [];
    return [fault([name], 'not at the address of secretStores.vault', 'write the same address at both places')];
  });
}

function unknownStores(value: unknown): Finding[] {
  return stringsIn(valueAt(value, ['servers'])).flatMap(({ path, text }) => {
    const store = isSecretPlace(path) ? parseStoreReference(text)?.store : undefined;
    if (store === undefined || valueAt(value, ['secretStores', SETTINGS[store]]) !== undefined) return [];
    return [
      fault(['servers', ...path], `nothing says how to get into ${store}`, `add secretStores.${SETTINGS[store]}`),
    ];
  });
}

/** Below `servers`. */
function isSecretPlace([, key]: KeyPath): boolean {
  return key === 'credential' || key === 'credentialFor' || key === 'env' || key === 'files';
}

function fault(path: KeyPath, message: string, fix: string): Finding {
  return { path, at: 'value', message, fix };
}
