import type { ConfiguredServer, Inventory, UnreadFile } from '#shared/api/inventory.js';
import type { Machine } from '../apps/machine.js';
import { classifyServer, type Origin } from './classification/classify-server.js';
import { readLimitedFile } from './documents/limited-file.js';
import { BrokenDocument, parseDocument } from './documents/parse-document.js';
import { readDeclarations } from './documents/read-declarations.js';
import { homesToLookAt } from './sources/homes.js';
import { machinePlaces } from './sources/machine-places.js';
import { eachOnce, placesOfHome, placesOfProject } from './sources/places-of-home.js';

/** Where to look for configs. */
export interface ConfigSearch {
  /** Absolute; empty: one's own home, and with root everybody's. */
  readonly homes: readonly string[];
  /** Absolute. Named projects are looked at besides, and alone where `projectsOnly`. */
  readonly projects: readonly string[];
  readonly ownHome: string;
  readonly env: Machine['env'];
  /** Origins of control planes that the settings of this machine name. */
  readonly controlPlanes: readonly string[];
  /** Milliseconds for all of it. */
  readonly patience: number;
}

export type ConfigFindings = Pick<Inventory, 'servers' | 'unread' | 'gaps'> & {
  readonly looked: Omit<Inventory['looked'], 'addresses'>;
};

interface Candidate extends Origin {
  /** Id of the account whose home it is in. */
  readonly owner: number | undefined;
}

/** The servers that configs on this machine name. Reads files; starts and reaches nothing. */
export async function configuredServers(search: ConfigSearch): Promise<ConfigFindings> {
  const deadline = performance.now() + search.patience;
  const { candidates, homes, folders, gaps } = await candidatesOf(search, deadline);
  const servers: ConfiguredServer[] = [];
  const unread: UnreadFile[] = [];
  let files = 0;
  for (const candidate of candidates) {
    if (performance.now() > deadline + search.patience) {
      gaps.push('Not every config was read: it took too long.');
      break;
    }
    const found = await readCandidate(candidate, search.controlPlanes);
    if (!found) continue;
    files += 1;
    servers.push(...found.servers);
    unread.push(...found.unread);
  }
  return { servers, unread, gaps, looked: { homes, files, folders } };
}

async function candidatesOf(search: ConfigSearch, deadline: number) {
  const homes = await homesToLookAt(search.homes, search.ownHome);
  const missing = search.homes.filter((folder) => !homes.some((home) => home.folder === folder));
  const gaps = missing.map((folder) => `${folder}: there is no such folder.`);
  const machine = machinePlaces(process.platform).map((place) => ({ place, account: null, owner: undefined }));
  const candidates: Candidate[] = [...machine];
  let folders = 0;
  for (const home of homes) {
    const walk = await placesOfHome(home, search.env, deadline);
    candidates.push(...walk.places.map((place) => ({ place, account: home.account, owner: home.uid })));
    gaps.push(...walk.gaps);
    folders += walk.folders;
  }
  for (const project of search.projects) {
    const walk = await placesOfProject(project, deadline);
    candidates.push(...walk.places.map((place) => ({ place, account: null, owner: undefined })));
    gaps.push(...walk.gaps);
    folders += walk.folders;
  }
  const wanted = new Set(eachOnce(candidates.map(({ place }) => place)));
  return { candidates: candidates.filter(({ place }) => wanted.has(place)), homes: homes.length, folders, gaps };
}

/** Undefined where there is no such file. */
async function readCandidate(
  { place, account, owner }: Candidate,
  controlPlanes: readonly string[],
): Promise<Pick<Inventory, 'servers' | 'unread'> | undefined> {
  const { text, refused } = await readLimitedFile(place.file, owner);
  const left = (reason: string, line: number | null = null): Pick<Inventory, 'servers' | 'unread'> => ({
    servers: [],
    unread: [{ file: place.file, app: place.app, account, line, reason }],
  });
  if (refused !== undefined) return left(refused);
  if (text === undefined) return undefined;
  try {
    const declarations = readDeclarations(parseDocument(text, place.format), place.layouts);
    return { servers: declarations.map((one) => classifyServer(one, { place, account }, controlPlanes)), unread: [] };
  } catch (error) {
    if (error instanceof BrokenDocument) return left(error.message, error.line);
    throw error;
  }
}
