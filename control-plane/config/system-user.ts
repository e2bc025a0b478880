import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

export interface SystemUser {
  readonly uid: number;
  readonly gid: number;
}

const TIMEOUT_MS = 5_000;
const run = promisify(execFile);

/** A user of the operating system, from wherever it keeps its users; undefined where there is none of this name. */
export async function systemUser(name: string): Promise<SystemUser | undefined> {
  try {
    const [uid, gid] = await Promise.all(['-u', '-g'].map(async (flag) => await idOf(flag, name)));
    return uid === undefined || gid === undefined ? undefined : { uid, gid };
  } catch {
    return undefined;
  }
}

async function idOf(flag: string, name: string): Promise<number | undefined> {
  const { stdout } = await run('id', [flag, '--', name], { timeout: TIMEOUT_MS });
  const id = Number(stdout.trim());
  return Number.isSafeInteger(id) && stdout.trim() !== '' ? id : undefined;
}
