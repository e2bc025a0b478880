import { setTimeout as delay } from 'node:timers/promises';
import { parseSecretReference, resolveSecret, SecretUnreadable } from '../config/secret-reference.js';
import { parseStoreReference } from '../config/store-reference.js';
import type { LoadedConfig } from '../config/settings.js';
import { storesOf } from '../secret-stores/secret-stores.js';
import type { StorageService } from '../storage/storage.service.js';
import { usableSecret } from './secret-value.js';
import { openVersion } from './vault/vault.js';

const DEADLINE_MS = 5000;

/** How the two forms of a secret are read: a value on one line, or a whole file. */
export interface SecretReaders {
  value(reference: string): Promise<string>;
  content(reference: string): Promise<string>;
  /** As `value`, with the number of its version where it is a secret of our own store. */
  versioned(reference: string): Promise<Versioned>;
}

interface Versioned {
  readonly value: string;
  readonly version?: number;
}

type Surroundings = Pick<LoadedConfig, 'directory' | 'environment' | 'settings'>;

/** Reads what references lead to, each time anew. */
export function secretReaders(around: Surroundings, storage: StorageService): SecretReaders {
  return {
    value: async (reference) => (await readSecret(reference, around, storage)).value,
    content: async (reference) => (await readContent(reference, around, storage)).value,
    versioned: (reference) => readSecret(reference, around, storage),
  };
}

/**
 * The value behind a reference of any kind, read anew and ready to use.
 * @throws SecretUnreadable naming the reference, never the value; also after 5 s without an answer.
 */
async function readSecret(text: string, around: Surroundings, storage: StorageService): Promise<Versioned> {
  const read = await readContent(text, around, storage);
  return { ...read, value: usableSecret(read.value, text) };
}

/** The same for a secret that becomes a file: any text, as it is. */
async function readContent(text: string, around: Surroundings, storage: StorageService): Promise<Versioned> {
  const stored = parseStoreReference(text);
  if (stored !== undefined) return { value: await inTime(named(text, storesOf(around).read(stored)), text) };
  const reference = parseSecretReference(text);
  if (reference === undefined) throw new SecretUnreadable('not a secret reference', 'write env:, file: or secret:');
  if (reference.source === 'secret') return await inTime(openVersion(storage, reference.name), text);
  return { value: await inTime(resolveSecret(reference, around.directory, around.environment), text) };
}

/** What a store says does not name the reference. */
async function named(text: string, value: Promise<string>): Promise<string> {
  return await value.catch((error: unknown) => {
    if (!(error instanceof SecretUnreadable)) throw error;
    throw new SecretUnreadable(`${text}: ${error.message}`, error.fix, error.reason);
  });
}

// A file on a dead network share, or a named pipe, answers never.
async function inTime<T>(value: Promise<T>, shown: string): Promise<T> {
  const timer = new AbortController();
  const late = delay(DEADLINE_MS, undefined, { signal: timer.signal }).then(() => {
    throw new SecretUnreadable(
      `${shown} did not answer within 5 s`,
      'check the disk, the share or the store that it lies in',
    );
  });
  try {
    return await Promise.race([value, late]);
  } finally {
    late.catch(() => undefined);
    timer.abort();
  }
}
