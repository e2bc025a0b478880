import { lstat, realpath } from 'node:fs/promises';
import { dirname } from 'node:path';
import { CodedError } from '#shared/errors.js';

const GROUP_WRITES = 0o020;
const OTHERS_WRITE = 0o002;
const STICKY = 0o1000;
const OTHERS_EXECUTE = 0o001;
const OTHERS_READ = 0o004;
/** Groups whose members are root anyway: root's own, and `admin` of macOS. */
const GROUPS_OF_ROOT: readonly number[] = process.platform === 'darwin' ? [0, 80] : [0];

/**
 * Throws CodedError config_invalid unless every account may run `program` (and read the script behind it, where there is one),
 * and nobody but root could put another one in its place: what every account runs at login must be nobody's to change.
 */
export async function requireTrustedProgram([program, script]: readonly [string, ...string[]]): Promise<void> {
  await requireTrusted(program, OTHERS_EXECUTE);
  if (script !== undefined) await requireTrusted(script, OTHERS_READ);
}

async function requireTrusted(file: string, needed: number): Promise<void> {
  const target = await realpath(file).catch(() => file);
  for (const path of [target, ...foldersAbove(target)]) {
    const what = await faultOf(path, path === target ? needed : OTHERS_EXECUTE);
    if (what === undefined) continue;
    const message = `${file} cannot be run for every account: ${path} ${what}. Install it as /usr/local/bin/mcp-sso, owned by root, then try again.`;
    throw new CodedError('config_invalid', { message });
  }
}

async function faultOf(path: string, needed: number): Promise<string | undefined> {
  const state = await lstat(path).catch(() => undefined);
  if (!state) return 'cannot be read';
  if (state.uid !== 0) return 'does not belong to root';
  const { mode } = state;
  const groupWrites = (mode & GROUP_WRITES) !== 0 && !GROUPS_OF_ROOT.includes(state.gid);
  // In a sticky folder, such as /tmp, nobody can move what is root's.
  const sticky = state.isDirectory() && (mode & STICKY) !== 0;
  if (!sticky && (groupWrites || (mode & OTHERS_WRITE) !== 0)) return 'may be written by others';
  return (mode & needed) === 0 ? 'is closed to other accounts' : undefined;
}

function foldersAbove(path: string): string[] {
  const folder = dirname(path);
  return folder === path ? [] : [folder, ...foldersAbove(folder)];
}
