import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomically } from '../system/atomic-file.js';

const PAUSE = 10 * 60 * 1000;

/** Remembers when a browser was last opened for this person, so that programs restarting in a loop open one, not a hundred. */
export class BrowserOpenings {
  readonly #file: string;
  readonly #now: () => Date;

  constructor(stateFolder: string, now: () => Date, name: 'browser-opened' | 'step-up-opened' = 'browser-opened') {
    this.#file = join(stateFolder, name);
    this.#now = now;
  }

  /** Whether ten minutes have passed since a browser was last opened. */
  async due(): Promise<boolean> {
    const last = Date.parse(await readFile(this.#file, 'utf8').catch(() => ''));
    const passed = this.#now().getTime() - last;
    // A time in the future comes from a clock that was wrong.
    return Number.isNaN(last) || passed >= PAUSE || passed < 0;
  }

  async record(): Promise<void> {
    await writeFileAtomically(this.#file, this.#now().toISOString(), 'credential_store');
  }

  /** The person was there, so the next may open at once. */
  async forget(): Promise<void> {
    await rm(this.#file, { force: true });
  }
}
