import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { valueAt, type Finding } from './key-path.js';
import type { Surroundings } from './surroundings.js';

/** What to say of an absent master key where the database that it opens is there; undefined where none is known of. */
export async function lostKey({
  value,
  directory,
}: Surroundings): Promise<Pick<Finding, 'message' | 'fix'> | undefined> {
  const setting = valueAt(value, ['database']) ?? 'sqlite:./data/mcp-sso.db';
  const [, path] = typeof setting === 'string' ? (/^sqlite:(.+)$/s.exec(setting) ?? []) : [];
  const database = path !== undefined && (await stat(resolve(directory, path)).catch(() => undefined));
  if (!database) return undefined;
  return {
    message: `the master key is lost, but ${path} was written with it`,
    fix: 'restore it from your backup; a new key cannot open what is stored',
  };
}
