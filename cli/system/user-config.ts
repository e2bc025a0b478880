import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Paths } from '../commands/context.js';
import { writeFileAtomically } from './atomic-file.js';
import { fileFault } from './file-fault.js';
import { parseSettings, type SettingsFile } from './settings-file.js';

/** More origins than anyone uses; the oldest are forgotten. */
const NAMED_LIMIT = 20;

export function userConfigFile(paths: Paths): string {
  return join(paths.config, 'config.json');
}

/** The person's own settings; empty where none were saved. Throws CodedError config_invalid. */
export async function readUserConfig(paths: Paths): Promise<SettingsFile> {
  const file = userConfigFile(paths);
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw fileFault('config_invalid', file, 'read', error);
  });
  return text === undefined ? {} : parseSettings(text, file, ['url', 'credentialStore', 'named']);
}

/** Adds to the person's settings; `url` also joins the origins at which a sign-in may start. */
export async function saveUserConfig(
  paths: Paths,
  changes: Pick<SettingsFile, 'url' | 'credentialStore'> & { name?: string },
): Promise<void> {
  const { name, ...settings } = changes;
  const before = await readUserConfig(paths);
  const origins = [name, settings.url, ...(before.named ?? [])].filter((origin) => origin !== undefined);
  const after = { ...before, ...settings, named: [...new Set(origins)].slice(0, NAMED_LIMIT) };
  if (JSON.stringify(after) === JSON.stringify(before)) return;
  await writeFileAtomically(userConfigFile(paths), `${JSON.stringify(after, null, 2)}\n`, 'config_invalid');
}
