import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { CodedError } from '#shared/errors.js';
import { accountsOfPeople, type Account } from './account.js';
import { DIRECTORY_KEYS, parseDirectory } from './directory-text.js';
import { lowestUidIn, parsePasswd } from './passwd-text.js';

/** Directory services may be far away. */
const PATIENCE = { timeout: 30_000, maxBuffer: 64 * 1024 * 1024 };
/** Ids of people begin at 501 on macOS. */
const LOWEST_ON_MACOS = 501;

/** The accounts of people that this machine knows, by id. Throws CodedError config_invalid where they cannot be listed. */
export async function listAccounts(platform: NodeJS.Platform): Promise<Account[]> {
  if (platform === 'darwin') {
    const text = await ask('/usr/bin/dscl', ['.', '-readall', '/Users', ...DIRECTORY_KEYS]);
    return accountsOfPeople(parseDirectory(text), LOWEST_ON_MACOS);
  }
  const text = await ask('/usr/bin/getent', ['passwd']);
  return accountsOfPeople(parsePasswd(text), await lowestUid());
}

/** Where ids of people begin on this Linux. */
export async function lowestUid(): Promise<number> {
  return lowestUidIn(await readFile('/etc/login.defs', 'utf8').catch(() => ''));
}

async function ask(program: string, args: readonly string[]): Promise<string> {
  try {
    return (await promisify(execFile)(program, args, { ...PATIENCE, env: {}, cwd: '/' })).stdout;
  } catch (cause) {
    const message = `The accounts of this machine cannot be listed: ${program} failed. Run it by hand to see why.`;
    throw new CodedError('config_invalid', { message, cause });
  }
}
