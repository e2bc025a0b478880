import { readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomically } from '../system/atomic-file.js';
import type { Backing } from './backing.js';
import type { KeyHolder } from './key-holder.js';
import { withLock } from './lock.js';
import type { SavedSignIns } from './saved-sign-in.js';
import { damaged, keyKindOf, seal, unseal } from './sealed-file.js';

export function sealedFilePath(stateFolder: string): string {
  return join(stateFolder, 'sign-ins');
}

/** Saved sign-ins in one encrypted file; the key is elsewhere. */
export class FileBacking implements Backing {
  readonly shared = true;
  readonly #folder: string;
  readonly #file: string;
  readonly #holder: KeyHolder;
  #key: Buffer | undefined;

  constructor(stateFolder: string, holder: KeyHolder) {
    this.#folder = stateFolder;
    this.#file = sealedFilePath(stateFolder);
    this.#holder = holder;
  }

  get kind(): KeyHolder['kind'] {
    return this.#holder.kind;
  }

  get place(): string {
    return `${this.#file}, encrypted; its key is in ${this.#holder.place}`;
  }

  async prepare(): Promise<void> {
    await this.load();
    this.#key ??= (await this.#holder.read()) ?? (await this.#holder.create());
  }

  async load(): Promise<SavedSignIns> {
    const bytes = await this.#bytes();
    if (!bytes) return {};
    const kind = keyKindOf(bytes);
    if (kind === undefined) throw damaged(this.#file);
    // Sealed before the person chose another kind of store: those sign-ins are given up.
    if (kind !== this.#holder.kind) return {};
    const cached = this.#key;
    const key = cached ?? (await this.#holder.read());
    if (!key) return {};
    try {
      const signIns = unseal(bytes, key, this.#file) as SavedSignIns;
      this.#key = key;
      return signIns;
    } catch (error) {
      if (!cached) throw error;
      // Another process may have started afresh with a new key.
      this.#key = undefined;
      return this.load();
    }
  }

  async save(signIns: SavedSignIns): Promise<void> {
    this.#key ??= (await this.#holder.read()) ?? (await this.#holder.create());
    await writeFileAtomically(this.#file, seal(signIns, this.#key, this.#holder.kind), 'credential_store');
  }

  async keepPending(name: string, pending: unknown): Promise<void> {
    this.#key ??= (await this.#holder.read()) ?? (await this.#holder.create());
    await writeFileAtomically(this.#pendingFile(name), seal(pending, this.#key, this.#holder.kind), 'credential_store');
  }

  async pending(name: string): Promise<unknown> {
    const file = this.#pendingFile(name);
    try {
      this.#key ??= await this.#holder.read();
      return this.#key && unseal(await readFile(file), this.#key, file);
    } catch {
      return undefined;
    }
  }

  async dropPending(name: string): Promise<void> {
    await rm(this.#pendingFile(name), { force: true });
  }

  exclusive<T>(name: string, deadline: number, task: () => Promise<T>): Promise<T> {
    return withLock(join(this.#folder, `${name}.lock`), deadline, task);
  }

  async stamp(): Promise<string> {
    try {
      const { mtimeNs, ino, size } = await stat(this.#file, { bigint: true });
      return `${mtimeNs} ${ino} ${size}`;
    } catch {
      return 'none';
    }
  }

  async destroy(): Promise<void> {
    this.#key = undefined;
    await rm(this.#file, { force: true });
    await this.#holder.remove();
  }

  #pendingFile(name: string): string {
    return join(this.#folder, `sign-in-${name}.pending`);
  }

  async #bytes(): Promise<Buffer | undefined> {
    try {
      return await readFile(this.#file);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw damaged(this.#file, error);
    }
  }
}
