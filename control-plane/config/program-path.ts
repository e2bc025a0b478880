import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { delimiter, isAbsolute, join, resolve } from 'node:path';
import type { Environment } from './secret-reference.js';

/**
 * Where a program lies: a name is looked for in the absolute folders of PATH, anything with a slash is relative to
 * `directory`. Undefined where there is no executable file.
 */
export async function programPath(
  program: string,
  directory: string,
  environment: Environment,
): Promise<string | undefined> {
  const folders = (environment['PATH'] ?? '').split(delimiter).filter((folder) => isAbsolute(folder));
  const candidates = program.includes('/')
    ? [resolve(directory, program)]
    : folders.map((folder) => join(folder, program));
  for (const candidate of candidates) if (await isExecutable(candidate)) return candidate;
  return undefined;
}

async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}
