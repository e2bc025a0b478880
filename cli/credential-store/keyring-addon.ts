import { createHash, randomBytes } from 'node:crypto';
import { chmodSync, lstatSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { getRawAsset, isSea } from 'node:sea';
import type * as KeyringModule from '@napi-rs/keyring';
import { CodedError } from '#shared/errors.js';

/** The part of `@napi-rs/keyring` that is used. */
export type Keyring = Pick<typeof KeyringModule, 'AsyncEntry'>;

/** The native keychain module: from node_modules, or from inside the executable by way of the cache folder. */
export async function loadKeyring(cacheFolder: string): Promise<Keyring> {
  if (!isSea()) return await import('@napi-rs/keyring');
  const file = extract(Buffer.from(getRawAsset('keyring.node')), join(cacheFolder, 'native'));
  const module = { exports: {} };
  process.dlopen(module, file);
  return module.exports as Keyring;
}

/**
 * Writes the addon to `<folder>/<hash>/keyring.node` unless it is there, and returns its path.
 * A file with other bytes is replaced: a planted one would run with our rights to the keychain.
 */
export function extract(addon: Buffer, folder: string): string {
  const hash = createHash('sha256').update(addon).digest('hex');
  const home = join(folder, hash.slice(0, 16));
  mkdirSync(home, { recursive: true, mode: 0o700 });
  refuseForeignFolder(home);
  const file = join(home, 'keyring.node');
  if (holds(file, hash)) return file;
  const temporary = `${file}.${randomBytes(6).toString('hex')}.tmp`;
  writeFileSync(temporary, addon, { mode: 0o600, flag: 'wx' });
  renameSync(temporary, file);
  return file;
}

function holds(file: string, hash: string): boolean {
  try {
    return lstatSync(file).isFile() && createHash('sha256').update(readFileSync(file)).digest('hex') === hash;
  } catch {
    return false;
  }
}

function refuseForeignFolder(folder: string): void {
  if (process.platform === 'win32') return;
  const state = lstatSync(folder);
  if (!state.isDirectory() || state.uid !== process.getuid?.()) {
    throw new CodedError('credential_store', { message: `The folder ${folder} belongs to another user. Remove it.` });
  }
  chmodSync(folder, 0o700);
}
