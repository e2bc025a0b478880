import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import type { Kysely } from 'kysely';
import { deriveKey, openWith, sealWith } from './sealing.js';
import type { Database } from './schema.js';

export const DATABASE = Symbol('database');
export const ROOT_KEY = Symbol('root key');

/** The one door to what outlives the process: tables through Kysely, and sealing under the root key. */
@Injectable()
export class StorageService implements OnApplicationShutdown {
  readonly #keys = new Map<string, Buffer>();

  constructor(
    @Inject(DATABASE) readonly db: Kysely<Database>,
    @Inject(ROOT_KEY) private readonly rootKey: Buffer,
  ) {}

  /** Seals under the purpose's own key; `boundTo` names the row, so that a swapped row never opens. */
  seal(purpose: string, boundTo: string, plain: Buffer): Buffer {
    return sealWith(this.key(purpose), boundTo, plain);
  }

  open(purpose: string, boundTo: string, sealed: Buffer): Buffer {
    return openWith(this.key(purpose), boundTo, sealed);
  }

  /** The derived 32-byte key of a purpose, for keyed hashes. */
  key(purpose: string): Buffer {
    const known = this.#keys.get(purpose);
    if (known) return known;
    const derived = deriveKey(this.rootKey, purpose);
    this.#keys.set(purpose, derived);
    return derived;
  }

  async onApplicationShutdown(): Promise<void> {
    await this.db.destroy();
  }
}
