import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Paths } from '../commands/context.js';
import { selfCommand } from '../system/executable.js';
import type { StoreKind } from '../system/settings-file.js';
import { CredentialStore } from './credential-store.js';
import { FileBacking, sealedFilePath } from './file-backing.js';
import { KeyFile } from './key-file.js';
import { Keychain } from './keychain.js';
import { askProbe } from './keychain-probe.js';
import { loadKeyring } from './keyring-addon.js';
import { MemoryBacking } from './memory-backing.js';
import { PROBE_VERB } from './probe-verb.js';
import { keyKindOf } from './sealed-file.js';

const NO_KEYCHAIN =
  'This session has no keychain, so sign-ins are kept in memory only. ' +
  'To keep them in a file that only you can read, run: mcp-sso login --credential-store file';

export interface OpenedStore {
  readonly store: CredentialStore;
  /** Said to the person where the default could not be had. */
  readonly notice?: string;
}

/**
 * The store that was chosen; by default the keychain, or memory where this session has none.
 * Throws CodedError credential_store where a keychain is there but locked or hanging.
 */
export async function openStore(paths: Paths, chosen: StoreKind | undefined): Promise<OpenedStore> {
  if (chosen === 'memory') return { store: new CredentialStore(new MemoryBacking()) };
  if (chosen === 'file') return { store: fileStore(paths) };
  const keychain = openKeychain(paths);
  const store = new CredentialStore(new FileBacking(paths.state, keychain));
  // Sign-ins that the keychain opens must not seem gone because this session cannot reach it.
  if (chosen === 'keychain' || sealedByKeychain(paths) || (await keychain.present())) return { store };
  return { store: new CredentialStore(new MemoryBacking()), notice: NO_KEYCHAIN };
}

/** Deletes every saved sign-in and both keys, without opening anything. Resolves to what could not be deleted. */
export async function destroyStores(paths: Paths): Promise<unknown[]> {
  const keychainUsed = sealedByKeychain(paths);
  const stores = [fileStore(paths)];
  if (keychainUsed) stores.push(new CredentialStore(new FileBacking(paths.state, openKeychain(paths))));
  const results = await Promise.allSettled(stores.map((store) => store.destroy()));
  return results.filter((result) => result.status === 'rejected').map((result) => result.reason as unknown);
}

function fileStore(paths: Paths): CredentialStore {
  return new CredentialStore(new FileBacking(paths.state, new KeyFile(join(paths.state, 'key'))));
}

function openKeychain(paths: Paths): Keychain {
  const [program, ...args] = selfCommand();
  return new Keychain({
    load: () => loadKeyring(paths.cache),
    probe: () => askProbe([program, ...args, PROBE_VERB]),
  });
}

function sealedByKeychain(paths: Paths): boolean {
  try {
    return keyKindOf(readFileSync(sealedFilePath(paths.state))) === 'keychain';
  } catch (error) {
    // A file that can't be read must not seem gone either: reading it again says why.
    return (error as NodeJS.ErrnoException).code !== 'ENOENT';
  }
}
