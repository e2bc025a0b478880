import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Machine } from '../../apps/machine.js';
import { extensionPlaces } from './extension-places.js';
import { foreignMounts } from './foreign-mounts.js';
import type { Home } from './homes.js';
import { knownAppPlaces } from './known-apps.js';
import { moreAppPlaces } from './more-apps.js';
import type { ConfigPlace } from './place.js';
import { walkProjects, type Walk } from './project-walk.js';

/** Of one home, whatever is in it. A walk of a million files ends, and says that it did. */
const LIMITS = { depth: 8, folders: 50_000, entries: 20_000 } as const;

/** Files of one home that may name servers, each once, those of apps first. `deadline`: of `performance.now()`. */
export async function placesOfHome(home: Home, env: Machine['env'], deadline: number): Promise<Walk> {
  const machine = machineOf(home, env);
  const apps = [...knownAppPlaces(machine), ...moreAppPlaces(machine), ...extensionPlaces(machine)];
  const walk: Walk = { places: apps, folders: 0, gaps: new Set() };
  const limits = { ...LIMITS, deadline };
  const mounts = await foreignMounts();
  await walkProjects(home.folder, limits, mounts, walk);
  const plugins = await walkProjects(join(home.folder, '.claude', 'plugins'), limits, mounts);
  walk.places.push(...plugins.places.map((place) => ({ ...place, scope: 'extension' as const })));
  return { ...walk, places: eachOnce(walk.places), folders: walk.folders + plugins.folders };
}

/** Files of one project folder. */
export async function placesOfProject(folder: string, deadline: number): Promise<Walk> {
  return walkProjects(folder, { ...LIMITS, deadline }, new Set());
}

/** What was found twice stays what it was first: the config of an app is also a project file of the home folder. */
export function eachOnce(places: readonly ConfigPlace[]): ConfigPlace[] {
  const seen = new Set<string>();
  return places.filter(({ file }) => !seen.has(file) && seen.add(file));
}

/** The environment of this process speaks of its own account only. */
function machineOf({ folder, own }: Home, env: Machine['env']): Machine {
  return { platform: process.platform, env: own ? env : {}, home: folder, exists: existsSync, list: namesIn };
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
