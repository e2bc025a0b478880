import { randomBytes } from 'node:crypto';
import { constants, open, rm } from 'node:fs/promises';
import { CodedError } from '#shared/errors.js';
import { writeFileAtomically } from '../system/atomic-file.js';
import { KEY_BYTES, type KeyHolder } from './key-holder.js';

const OPEN_TO_OTHERS = 0o077;

/** The key in a file that only its owner may read; refused where others could have read or placed it. */
export class KeyFile implements KeyHolder {
  readonly kind = 'file';
  readonly place: string;

  constructor(file: string) {
    this.place = file;
  }

  async read(): Promise<Buffer | undefined> {
    const handle = await this.#open();
    if (!handle) return undefined;
    try {
      const state = await handle.stat();
      if (process.platform !== 'win32') {
        if (state.uid !== process.getuid?.()) throw this.#refused('belongs to another user');
        if ((state.mode & OPEN_TO_OTHERS) !== 0) throw this.#refused('can be read by other users');
      }
      const key = await handle.readFile();
      if (key.length !== KEY_BYTES) throw this.#refused('is damaged');
      return key;
    } finally {
      await handle.close();
    }
  }

  async create(): Promise<Buffer> {
    const key = randomBytes(KEY_BYTES);
    await writeFileAtomically(this.place, key, 'credential_store');
    return key;
  }

  async remove(): Promise<void> {
    await rm(this.place, { force: true });
  }

  async #open(): Promise<Awaited<ReturnType<typeof open>> | undefined> {
    try {
      // Windows has no O_NOFOLLOW; there the profile folder's access list keeps others out.
      return await open(this.place, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0));
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT') return undefined;
      throw this.#refused(code === 'ELOOP' ? 'is a symbolic link' : `cannot be read (${code ?? 'unknown error'})`);
    }
  }

  #refused(what: string): CodedError {
    return new CodedError('credential_store', {
      message: `The key file ${this.place} ${what}, so it is not used. Run: mcp-sso logout --all, then mcp-sso login --credential-store file`,
    });
  }
}
