import { rmSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { tryLock, type Lock } from '../credential-store/lock.js';
import { writeFileAtomically } from '../system/atomic-file.js';

const POLL = 100;

/** What a person is shown: an address, and at a device login the code to type there. */
export interface Shown {
  readonly url: string;
  readonly code?: string;
}

/** The one sign-in of a name: a kernel lock for who runs it, and a file that shows its address to the others. */
export class SharedSignIn {
  readonly #lockFile: string;
  readonly #addressFile: string;

  constructor(stateFolder: string, name: string) {
    this.#lockFile = join(stateFolder, `sign-in-${name}.lock`);
    this.#addressFile = join(stateFolder, `sign-in-${name}.url`);
  }

  /** The right to run the sign-in, or the address of the one that another process runs. `patience` in ms. */
  async claim(patience: number): Promise<Lock | Shown | undefined> {
    const end = performance.now() + patience;
    for (;;) {
      const lock = await tryLock(this.#lockFile);
      if (lock) {
        // Left behind by a process that was killed.
        await rm(this.#addressFile, { force: true });
        return { release: () => this.#release(lock) };
      }
      const [url = '', code] = (await readFile(this.#addressFile, 'utf8').catch(() => '')).split('\n');
      if (url !== '') return code === undefined ? { url } : { url, code };
      if (performance.now() >= end) return undefined;
      await delay(POLL);
    }
  }

  async announce({ url, code }: Shown): Promise<void> {
    await writeFileAtomically(this.#addressFile, code === undefined ? url : `${url}\n${code}`, 'credential_store');
  }

  /** The right to run the sign-in, when no other process does any more: it ended, or was killed. `patience` in ms. */
  async succeed(patience: number): Promise<Lock | undefined> {
    const end = performance.now() + patience;
    while (performance.now() < end) {
      const lock = await tryLock(this.#lockFile);
      if (lock) return { release: () => this.#release(lock) };
      await delay(POLL);
    }
    return undefined;
  }

  /** At once, so that whoever asks next never meets an address that leads nowhere. */
  #release(lock: Lock): void {
    rmSync(this.#addressFile, { force: true });
    lock.release();
  }
}
