import { chmod, mkdir, readFile, rm } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { asCoded } from '#shared/errors.js';
import { writeFileAtomically } from '../system/atomic-file.js';
import { fileFault } from '../system/file-fault.js';
import type { HookChange, HookOptions } from './hook-change.js';
import type { HookFile } from './hook-files.js';

/** Writes or removes each file by itself; one that is right already is left alone. */
export async function installHookFiles(files: readonly HookFile[], options: HookOptions): Promise<HookChange[]> {
  const changes: HookChange[] = [];
  for (const { file, text } of files) {
    try {
      changes.push({ place: file, change: await install({ file, text }, options) });
    } catch (error) {
      changes.push({ place: file, change: 'none', refused: asCoded(error).message });
    }
  }
  return changes;
}

async function install({ file, text }: HookFile, { remove, dryRun }: HookOptions): Promise<HookChange['change']> {
  const before = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
    throw fileFault('config_invalid', file, 'read', error);
  });
  if (remove) {
    if (before !== undefined && !dryRun) await removeFile(file);
    return before === undefined ? 'none' : 'removed';
  }
  if (before === text) return 'none';
  if (!dryRun) {
    await makeFolder(dirname(file));
    await writeFileAtomically(file, text, 'config_invalid', { mode: 0o644 });
  }
  return before === undefined ? 'added' : 'corrected';
}

async function removeFile(file: string): Promise<void> {
  await rm(file).catch((error: unknown) => {
    throw fileFault('config_invalid', file, 'written', error);
  });
}

/** A folder that everyone may read, whatever root's umask is; those that are there stay as they are. */
async function makeFolder(folder: string): Promise<void> {
  const first = await mkdir(folder, { recursive: true }).catch((error: unknown) => {
    throw fileFault('config_invalid', folder, 'written', error);
  });
  if (first === undefined) return;
  const below = relative(first, folder).split(sep).filter(Boolean);
  const made = [first, ...below.map((_name, index) => join(first, ...below.slice(0, index + 1)))];
  for (const one of made) await chmod(one, 0o755);
}
