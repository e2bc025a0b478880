import { isUtf8 } from 'node:buffer';
import { constants } from 'node:fs';
import { lstat, open, realpath, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { writeFileAtomically } from '../system/atomic-file.js';
import { fileFault } from '../system/file-fault.js';
import { unusable } from './config-text/unusable.js';

/** Bytes. Claude Code keeps its history of projects in the same file as its servers. */
const SIZE_LIMIT = 64 * 1024 * 1024;

/** An app's config file as it is. */
export interface ConfigFile {
  /** As the app names it. */
  readonly file: string;
  /** Where it is in truth: dotfile managers make it a link, and the link stays. */
  readonly target: string;
  readonly text: string;
  readonly mode: number;
  readonly group: number;
}

/**
 * Reads a config file of the account that runs this; undefined where there is none. Throws CodedError config_invalid for
 * what is no file of that account's own, cannot be written, is too large or is no text.
 */
export async function readConfigFile(file: string): Promise<ConfigFile | undefined> {
  await requireOwnFolders(file);
  const target = await resolveLinks(file);
  if (target === undefined) return undefined;
  // Opened without waiting, and only if it is still the file that the links led to.
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  const handle = await open(target, flags).catch((error: unknown) => {
    throw fileFault('config_invalid', file, 'read', error);
  });
  try {
    const { size, mode, uid, gid } = await handle.stat().then((state) => {
      if (!state.isFile()) throw unusable(file, 'it is not a file');
      return state;
    });
    if (process.geteuid && uid !== process.geteuid()) throw unusable(file, 'it belongs to another account');
    if ((mode & 0o200) === 0) throw unusable(file, 'it is read-only');
    if (size > SIZE_LIMIT) throw unusable(file, `it is larger than ${SIZE_LIMIT / 1024 / 1024} MiB`);
    const bytes = await handle.readFile();
    if (!isUtf8(bytes)) throw unusable(file, 'it is not UTF-8 text');
    return { file, target, text: bytes.toString(), mode: mode & 0o777, group: gid };
  } finally {
    await handle.close();
  }
}

/** Replaces the text of a config file; `was` is what was read before. Throws CodedError config_invalid where it has changed since. */
export async function writeConfigFile(file: string, was: ConfigFile | undefined, text: string): Promise<void> {
  await requireUnchanged(file, was);
  const own = was?.group === process.getegid?.();
  const attributes = was ? { mode: was.mode, ...(own ? {} : { group: was.group }) } : {};
  await writeFileAtomically(was?.target ?? file, text, 'config_invalid', attributes);
}

/** Removes a config file that is still what was read before. Throws as `writeConfigFile`. */
export async function removeConfigFile(was: ConfigFile): Promise<void> {
  await requireUnchanged(was.file, was);
  await rm(was.target).catch((error: unknown) => {
    throw fileFault('config_invalid', was.file, 'written', error);
  });
}

async function requireUnchanged(file: string, was: ConfigFile | undefined): Promise<void> {
  const now = await readConfigFile(file);
  if (now?.text !== was?.text || now?.target !== was?.target)
    throw unusable(file, 'another program has just changed it');
}

async function resolveLinks(file: string): Promise<string | undefined> {
  try {
    return await realpath(file);
  } catch (error) {
    const absent = ['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '');
    if (!absent) throw fileFault('config_invalid', file, 'read', error);
    const dangling = await lstat(file).then(
      () => true,
      () => false,
    );
    if (dangling) throw unusable(file, 'it is a link to a file that is not there');
    return undefined;
  }
}

/** Root changes nothing below a folder of somebody else, who could lead it anywhere by links. */
async function requireOwnFolders(file: string): Promise<void> {
  const folder = dirname(file);
  if (process.geteuid?.() !== 0 || folder === file) return;
  const state = await lstat(folder).catch(() => undefined);
  if (state && state.uid !== 0) {
    throw unusable(file, `${folder} belongs to another account; run this as that account`);
  }
  await requireOwnFolders(folder);
}
