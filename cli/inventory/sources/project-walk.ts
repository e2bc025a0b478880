import { opendir } from 'node:fs/promises';
import { basename, join, relative, sep } from 'node:path';
import type { ConfigPlace } from './place.js';
import { PROJECT_FOLDERS, projectPlace } from './project-places.js';

/** How far a walk goes before it gives up, and says so. */
export interface WalkLimits {
  /** Levels below the start. */
  readonly depth: number;
  readonly folders: number;
  /** Entries of one folder. */
  readonly entries: number;
  /** `performance.now()` at which it ends. */
  readonly deadline: number;
}

/** What a walk found, and what it left out. */
export interface Walk {
  readonly places: ConfigPlace[];
  folders: number;
  readonly gaps: Set<string>;
}

/** Folders that hold no project of a person, or far too much. */
const SKIPPED: ReadonlySet<string> = new Set([
  'node_modules',
  '__pycache__',
  'site-packages',
  'venv',
  'bower_components',
  'Library',
  'AppData',
  'Application Data',
  'snap',
  'lost+found',
  'Trash',
]);

/** Dotted folders hold the settings of programs; projects are not kept in them. */
const ENTERED = new Set([...PROJECT_FOLDERS.keys(), '.worktrees']);

/**
 * Finds project files below a folder: breadth first, so that what is near home is found before a limit is reached; links
 * are never entered, nor other people's file systems (`mounts`).
 */
export async function walkProjects(
  start: string,
  limits: WalkLimits,
  mounts: ReadonlySet<string>,
  walk: Walk = { places: [], folders: 0, gaps: new Set() },
): Promise<Walk> {
  let level = [start];
  for (let depth = 0; level.length > 0; depth += 1) {
    const below: string[] = [];
    for (const folder of level) {
      if (walk.folders >= limits.folders)
        return gap(walk, `${start}: not walked whole, it has more than ${limits.folders} folders`);
      if (performance.now() > limits.deadline) return gap(walk, `${start}: not walked whole, it took too long`);
      walk.folders += 1;
      below.push(...(await enter(folder, start, limits, walk)).filter((path) => passable(path, mounts, walk)));
    }
    level = below;
    if (depth === limits.depth && below.length > 0) return gap(walk, `${start}: not walked below ${depth + 1} levels`);
  }
  return walk;
}

function passable(folder: string, mounts: ReadonlySet<string>, walk: Walk): boolean {
  if (!mounts.has(folder)) return true;
  gap(walk, `${folder}: not walked, it is on another machine or made by a program; name it with --project to read it`);
  return false;
}

/** The folders of a folder that are to be walked; its project files are noted. */
async function enter(folder: string, start: string, limits: WalkLimits, walk: Walk): Promise<string[]> {
  const folders: string[] = [];
  let seen = 0;
  try {
    for await (const entry of await opendir(folder)) {
      if ((seen += 1) > limits.entries) {
        gap(walk, `${folder}: not read whole, it has more than ${limits.entries} entries`);
        break;
      }
      const path = join(folder, entry.name);
      if (entry.isDirectory() && isEntered(entry.name, folder)) folders.push(path);
      else if (!entry.isDirectory()) walk.places.push(...placesAt(path, start));
    }
  } catch (error) {
    const { code = 'unknown error' } = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT') gap(walk, `${folder}: cannot be read (${code})`);
  }
  return folders.toSorted();
}

function placesAt(file: string, start: string): ConfigPlace[] {
  const place = projectPlace(file, relative(start, file).split(sep));
  return place ? [place] : [];
}

/** Of the settings of a program only those folders that lead to a project file: editors keep extensions beside them. */
function isEntered(name: string, parent: string): boolean {
  const inner = PROJECT_FOLDERS.get(basename(parent));
  if (inner) return inner.has(name);
  return name.startsWith('.') ? ENTERED.has(name) : !SKIPPED.has(name);
}

function gap(walk: Walk, sentence: string): Walk {
  // A home with thousands of unreadable folders must not fill the report.
  if (walk.gaps.size < 100) walk.gaps.add(`${sentence}.`);
  return walk;
}
