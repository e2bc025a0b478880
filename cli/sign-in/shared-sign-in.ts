import { rmSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { tryLock, type Lock } from '../credential-store/lock.js';
import { writeFileAtomically } from '../system/atomic-file.js';

const POLL = 100;

/** The one sign-in per person and slot: a kernel lock for who runs it, and a file that shows its address to the others. */
export class SharedSignIn {
  readonly #lockFile: string;
  readonly #addressFile: string;

  constructor(stateFolder: string, slot: string) {
    this.#lockFile = join(stateFolder, `sign-in-${slot}.lock`);
    this.#addressFile = join(stateFolder, `sign-in-${slot}.url`);
  }

  /** The right to run the sign-in, or the address of the one that another process runs. `patience` in ms. */
  async claim(patience: number): Promise<Lock | { readonly url: string } | undefined> {
    const end = performance.now() + patience;
    for (;;) {
      const lock = await tryLock(this.#lockFile);
      if (lock) {
        // Left behind by a process that was killed.
        await rm(this.#addressFile, { force: true });
        return { release: () => this.#release(lock) };
      }
      const url = await readFile(this.#addressFile, 'utf8').catch(() => '');
      if (url) return { url };
      if (performance.now() >= end) return undefined;
      await delay(POLL);
    }
  }

  async announce(url: string): Promise<void> {
    await writeFileAtomically(this.#addressFile, url, 'credential_store');
  }

  /** Resolves when no process runs a sign-in any more. `patience` in ms. */
  async over(patience: number): Promise<void> {
    const end = performance.now() + patience;
    while (performance.now() < end) {
      const lock = await tryLock(this.#lockFile);
      lock?.release();
      if (lock) return;
      await delay(POLL);
    }
  }

  /** At once, so that whoever asks next never meets an address that leads nowhere. */
  #release(lock: Lock): void {
    rmSync(this.#addressFile, { force: true });
    lock.release();
  }
}
