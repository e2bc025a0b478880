import { createHash } from 'node:crypto';
import type { StoreKind } from '../system/settings-file.js';
import type { Backing } from './backing.js';
import { slotKey, slotOf, type SavedSignIn, type SavedSignIns, type Slot } from './saved-sign-in.js';

const SAVE_DEADLINE = 10_000;
/** Longer than one refresh may take, so that a waiter outlives a slow holder. */
const REFRESH_DEADLINE = 45_000;

/** Saved sign-ins by slot. Every change is a read, compare and write under one lock. All methods throw CodedError credential_store. */
export class CredentialStore {
  readonly #backing: Backing;

  constructor(backing: Backing) {
    this.#backing = backing;
  }

  get kind(): StoreKind {
    return this.#backing.kind;
  }

  get place(): string {
    return this.#backing.place;
  }

  get shared(): boolean {
    return this.#backing.shared;
  }

  /** Finds out before a sign-in whether its tokens can be kept. */
  prepare(): Promise<void> {
    return this.#backing.exclusive('sign-ins', SAVE_DEADLINE, () => this.#backing.prepare());
  }

  async read(slot: Slot): Promise<SavedSignIn | undefined> {
    return (await this.#backing.load())[slotKey(slot)];
  }

  async slots(): Promise<Slot[]> {
    return Object.keys(await this.#backing.load()).map(slotOf);
  }

  /** Saves a new sign-in, whatever was there. */
  async put(slot: Slot, signIn: SavedSignIn): Promise<void> {
    await this.#change((signIns) => ({ ...signIns, [slotKey(slot)]: signIn }));
  }

  /** Saves refreshed tokens, unless the sign-in that was refreshed has been removed or replaced meanwhile. */
  replace(slot: Slot, refreshed: SavedSignIn, sentRefreshToken: string): Promise<boolean> {
    const key = slotKey(slot);
    return this.#change((signIns) =>
      signIns[key]?.refreshToken === sentRefreshToken ? { ...signIns, [key]: refreshed } : undefined,
    );
  }

  /** Removes a sign-in; with `sentRefreshToken`, only while it is still that one. */
  remove(slot: Slot, sentRefreshToken?: string): Promise<boolean> {
    const key = slotKey(slot);
    return this.#change((signIns) => {
      const { [key]: found, ...others } = signIns;
      if (!found || (sentRefreshToken !== undefined && found.refreshToken !== sentRefreshToken)) return undefined;
      return others;
    });
  }

  /** Only one process refreshes a slot at a time. */
  whileRefreshing<T>(slot: Slot, task: () => Promise<T>): Promise<T> {
    return this.#backing.exclusive(`refresh-${slotHash(slot)}`, REFRESH_DEADLINE, task);
  }

  /** What it takes to go on with a sign-in whose process was killed. */
  get pending(): Pick<Backing, 'keepPending' | 'pending' | 'dropPending'> {
    return this.#backing;
  }

  stamp(): Promise<string> {
    return this.#backing.stamp();
  }

  destroy(): Promise<void> {
    return this.#backing.exclusive('sign-ins', SAVE_DEADLINE, () => this.#backing.destroy());
  }

  #change(next: (signIns: SavedSignIns) => SavedSignIns | undefined): Promise<boolean> {
    return this.#backing.exclusive('sign-ins', SAVE_DEADLINE, async () => {
      const changed = next(await this.#backing.load());
      if (changed) await this.#backing.save(changed);
      return changed !== undefined;
    });
  }
}

/** Part of file names that belong to one slot. */
export function slotHash(slot: Slot): string {
  return createHash('sha256').update(slotKey(slot)).digest('hex').slice(0, 16);
}
