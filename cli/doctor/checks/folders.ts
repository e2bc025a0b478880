import { accessSync, constants, existsSync, statfsSync, statSync, type Stats } from 'node:fs';
import { dirname, join } from 'node:path';
import { CodedError } from '#shared/errors.js';
import { withLock } from '../../credential-store/lock.js';
import { found, type Check } from '../check.js';
import { fault } from '../faults/faults.js';
import { ok, type Found } from '../finding.js';

const OPEN_TO_OTHERS = 0o077;
/** KiB that a sign-in and its locks need, with room. */
const LEAST_FREE = 1024;
const LOCK_PATIENCE = 2_000;

/** File systems over a network, by their number in statfs(2) on Linux; locks there may not hold. */
const REMOTE: Readonly<Record<number, string>> = {
  0x6969: 'NFS',
  0x517b: 'SMB',
  0xff534d42: 'CIFS',
  0xfe534d42: 'SMB2',
  0x01021997: '9p',
  0x5346414f: 'AFS',
};

/** The folder of sign-ins and locks: whose it is, who can look in, whether there is room and a lock can be had. */
export const FOLDERS: Check = {
  name: 'folders',
  title: 'State folder',
  needs: [],
  limit: 4_000,
  code: 'credential_store',
  run: async ({ context: { paths }, machine: { platform } }) => {
    const folder = paths.state;
    if (!existsSync(folder)) return found(judgeParent(folder));
    const faults = judgeFolder(folder, statSync(folder), platform, process.getuid?.());
    const broken = faults.some(({ state }) => state === 'failed');
    const locked = broken ? [] : await tryLocks(folder);
    const all = [...faults, ...locked];
    return found(...(all.length > 0 ? all : [ok(`${folder} belongs to you alone, and its locks work.`)]));
  },
};

/** The first sign-in makes the folder. */
function judgeParent(folder: string): Found {
  let parent = dirname(folder);
  while (!existsSync(parent) && parent !== dirname(parent)) parent = dirname(parent);
  return unwritable(parent) ?? ok(`${folder} is not there yet; the first sign-in makes it.`);
}

export function judgeFolder(
  folder: string,
  { uid, mode }: Pick<Stats, 'uid' | 'mode'>,
  platform: NodeJS.Platform,
  own: number | undefined,
): Found[] {
  if (platform !== 'win32' && uid !== own) return [fault('folders', 'folder_foreign', { folder })];
  const open =
    platform !== 'win32' && (mode & OPEN_TO_OTHERS) !== 0 ? [fault('folders', 'folder_open', { folder })] : [];
  const closed = unwritable(folder);
  return closed ? [...open, closed] : [...open, ...judgeDisk(folder, statfsSync(folder), platform)];
}

export function judgeDisk(
  folder: string,
  { type, bavail, bsize }: { readonly type: number; readonly bavail: number; readonly bsize: number },
  platform: NodeJS.Platform,
): Found[] {
  const free = Math.floor((bavail * bsize) / 1024);
  const kind = platform === 'linux' ? REMOTE[type] : undefined;
  return [
    ...(kind === undefined ? [] : [fault('folders', 'folder_remote', { folder, kind })]),
    ...(free < LEAST_FREE ? [fault('folders', 'disk_full', { folder, free })] : []),
  ];
}

function unwritable(folder: string): Found | undefined {
  try {
    accessSync(folder, constants.W_OK | constants.X_OK);
    return undefined;
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? 'unknown error';
    return fault('folders', 'folder_unwritable', { folder, reason });
  }
}

/** The lock under which sign-ins are saved; it is held for milliseconds by whoever is alive. */
async function tryLocks(folder: string): Promise<Found[]> {
  const file = join(folder, 'sign-ins.lock');
  try {
    await withLock(file, LOCK_PATIENCE, () => Promise.resolve());
    return [];
  } catch (error) {
    if (!(error instanceof CodedError)) throw error;
    return error.cause === undefined
      ? [fault('folders', 'lock_held', { file, seconds: LOCK_PATIENCE / 1000 })]
      : [fault('folders', 'lock_unusable', { problem: error.message })];
  }
}
