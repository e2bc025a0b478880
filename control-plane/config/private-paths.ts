import { realpath } from 'node:fs/promises';
import { dirname, relative, resolve } from 'node:path';
import { valueAt } from './key-path.js';
import type { Surroundings } from './surroundings.js';

const DEFAULT_DATABASE = 'sqlite:./data/mcp-sso.db';

/** Files and folders that no hosted server may see, as far as the settings can be read. */
export interface PrivatePaths {
  /** May not lie inside of a path that a server sees. */
  readonly places: readonly string[];
  /** A path that a server sees may not lie inside of it either. */
  readonly data: string;
}

export function privatePaths({ value, directory }: Surroundings): PrivatePaths {
  const text = (key: string, otherwise: string): string => {
    const setting = valueAt(value, [key]);
    return typeof setting === 'string' ? setting : otherwise;
  };
  const settings = [
    text('masterKey', 'file:./master.key'),
    text('database', DEFAULT_DATABASE),
    text('previousMasterKey', ''),
  ];
  const secrets = settings.flatMap((setting) => /^file:(.+)$/s.exec(setting)?.[1] ?? []);
  const [, database = './data/mcp-sso.db'] = /^sqlite:(.+)$/s.exec(settings[1]!) ?? [];
  const data = resolve(directory, dirname(database));
  return { places: [directory, data, ...secrets.map((path) => resolve(directory, path))], data };
}

/** Whether a path opens one of them, also through symbolic links. */
export async function touches(path: string, { places, data }: PrivatePaths): Promise<boolean> {
  const seen = await real(path);
  const own = await Promise.all(places.map(real));
  return own.some((place) => contains(seen, place)) || (data !== places[0] && contains(await real(data), seen));
}

/** Whether a path lies below one of these folders: who may write there can put a link to anything in its place. */
export async function liesBelow(path: string, folders: readonly string[]): Promise<boolean> {
  const [seen, ...tops] = await Promise.all([path, ...folders].map(real));
  return tops.some((top) => top !== seen && contains(top, seen!));
}

function contains(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way === '' || !(way === '..' || way.startsWith('../'));
}

/** What does not exist yet has no links to follow. */
async function real(path: string): Promise<string> {
  return realpath(path).catch(() => path);
}
