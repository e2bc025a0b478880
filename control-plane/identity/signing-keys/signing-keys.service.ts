import type { OnApplicationShutdown } from '@nestjs/common';
import { CodedError, errorText } from '#shared/errors.js';
import { shown, type Logger } from '../../observability/logger.js';
import type { Notifications } from '../../storage/notifications/notifications.js';
import type { StorageService } from '../../storage/storage.service.js';
import { writeTransaction } from '../../storage/write-transaction.js';
import { keySetOf, publishedAt, type KeySet } from './key-set.js';
import { addKey, readKeys, type KeyPurpose, type StoredKey } from './stored-keys.js';

const LOOK_MS = 1_000;

/** The keys of one purpose, as this process knows them: it follows every rotation without a restart. */
export class SigningKeys implements OnApplicationShutdown {
  readonly #listeners: (() => void)[] = [];
  readonly #timer: NodeJS.Timeout;
  #stored: readonly StoredKey[];
  #current: KeySet;
  /** Grows with whatever says that the stored keys may be others. */
  #hints = 0;
  /** The hints that were known when the keys were last read. */
  #answered = 0;
  #reading: Promise<void> | undefined;

  private constructor(
    private readonly storage: StorageService,
    private readonly notifications: Notifications,
    private readonly logger: Logger,
    private readonly purpose: KeyPurpose,
    stored: readonly StoredKey[],
  ) {
    this.#stored = stored;
    this.#current = keySetOf(publishedAt(stored, Date.now()));
    notifications.subscribe('signing-keys', () => this.#hear());
    notifications.onGap(() => this.#hear());
    this.#timer = setInterval(() => this.#look(), LOOK_MS).unref();
  }

  static async open(
    storage: StorageService,
    notifications: Notifications,
    logger: Logger,
    purpose: KeyPurpose,
  ): Promise<SigningKeys> {
    return new SigningKeys(storage, notifications, logger, purpose, await storedKeys(storage, purpose));
  }

  async onApplicationShutdown(): Promise<void> {
    clearInterval(this.#timer);
    await this.#reading?.catch(() => undefined);
  }

  get current(): KeySet {
    return this.#current;
  }

  /** After it, `current` is what was stored a second ago or later. Throws `session_unconfirmed` where nobody can say. */
  async confirm(): Promise<void> {
    if (this.notifications.current && this.#answered === this.#hints) return;
    try {
      await this.#read();
    } catch (cause) {
      throw new CodedError('session_unconfirmed', { detail: 'signing keys', cause });
    }
  }

  /** Runs after each change of `current`; the listener must not throw. */
  onChanged(listener: () => void): void {
    this.#listeners.push(listener);
  }

  #hear(): void {
    this.#hints += 1;
    this.#readAgain();
  }

  /** Keys begin and end by the clock; what could not be read is read as soon as that works. */
  #look(): void {
    this.#adopt(this.#stored);
    if (this.#answered !== this.#hints) this.#readAgain();
  }

  #readAgain(): void {
    this.#read().catch((error: unknown) => {
      this.logger.error('signing-keys.unread', { error: shown(errorText(error)) });
    });
  }

  async #read(): Promise<void> {
    this.#reading ??= this.#follow().finally(() => (this.#reading = undefined));
    return this.#reading;
  }

  async #follow(): Promise<void> {
    let hints: number;
    do {
      hints = this.#hints;
      this.#adopt(await readKeys(this.storage.db, this.storage, this.purpose));
      this.#answered = hints;
    } while (hints !== this.#hints);
  }

  #adopt(stored: readonly StoredKey[]): void {
    this.#stored = stored;
    const published = publishedAt(stored, Date.now());
    if (idsOf(published) === idsOf(this.#current.published)) return;
    this.#current = keySetOf(published);
    this.logger.info('signing-keys.changed', { purpose: shown(this.purpose), signing: shown(published[0]?.kid ?? '') });
    for (const listener of this.#listeners) listener();
  }
}

function idsOf(keys: KeySet['published']): string {
  return keys.map(({ kid }) => kid).join(' ');
}

/** The first start makes a key, and of several first starts one does. */
async function storedKeys(storage: StorageService, purpose: KeyPurpose): Promise<readonly StoredKey[]> {
  return writeTransaction(storage.db, 'signing-keys', async (db) => {
    const existing = await readKeys(db, storage, purpose);
    if (existing.length > 0) return existing;
    const now = Date.now();
    await addKey(db, storage, { purpose, now, activeFrom: now });
    return readKeys(db, storage, purpose);
  });
}
