import { execFile } from 'node:child_process';
import { lstat, readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { CodedError } from '#shared/errors.js';
import { readPreferences, type PlistToJson } from './managed-preferences.js';
import { readPolicyValue, WINDOWS_POLICY, type QueryRegistry } from './policy-registry.js';
import { parseSettings, type SettingsFile } from './settings-file.js';

/** The account whose files are believed: 0 (root) outside tests. */
const ROOT = 0;

/**
 * Machine-wide settings, or undefined where there are none. A file that anyone but the administrator could have
 * written is refused with config_invalid, never skipped: skipping would let it be switched off.
 */
export async function readManagedSettings(file: string, owner = ROOT): Promise<SettingsFile | undefined> {
  if (!(await exists(file))) return undefined;
  await requireAdministrators(file, owner);
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw unreadable(file, error);
  });
  return parseManaged(text, file);
}

/** Managed preferences of macOS; believed and refused like the file. */
export async function readManagedPreferences(
  file: string,
  owner = ROOT,
  toJson?: PlistToJson,
): Promise<SettingsFile | undefined> {
  if (!(await exists(file))) return undefined;
  await requireAdministrators(file, owner);
  return parseManaged(await readPreferences(file, toJson), file);
}

/** Policy of Windows, in a key of the registry that only administrators write. */
export async function readManagedPolicy(query?: QueryRegistry): Promise<SettingsFile | undefined> {
  const text = await readPolicyValue(query);
  return text === undefined ? undefined : parseManaged(text, `${WINDOWS_POLICY.key}\\${WINDOWS_POLICY.value}`);
}

function parseManaged(text: string, place: string): SettingsFile {
  return parseSettings(text, place, ['url', 'credentialStore', 'overridable']);
}

async function requireAdministrators(file: string, owner: number): Promise<void> {
  const trusted = process.platform === 'win32' ? await ownedByAdministrators(file) : await closedToOthers(file, owner);
  if (trusted) return;
  throw new CodedError('config_invalid', {
    message: `${file} and its folder must belong to the administrator, and no one else may write to them. Tell your administrator.`,
  });
}

async function exists(file: string): Promise<boolean> {
  try {
    await lstat(file);
    return true;
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return false;
    throw unreadable(file, error);
  }
}

function unreadable(file: string, cause: unknown): CodedError {
  return new CodedError('config_invalid', { message: `${file} cannot be read. Tell your administrator.`, cause });
}

const WRITABLE_BY_OTHERS = 0o022;

async function closedToOthers(file: string, owner: number): Promise<boolean> {
  const [entry, folder] = await Promise.all([lstat(file), stat(dirname(file))]);
  const closed = (state: { uid: number; mode: number }): boolean =>
    state.uid === owner && (state.mode & WRITABLE_BY_OTHERS) === 0;
  return entry.isFile() && closed(entry) && closed(folder);
}

/** Windows has no owner in `stat`: asks PowerShell for the owner's SID (Administrators, SYSTEM, TrustedInstaller). */
async function ownedByAdministrators(file: string): Promise<boolean> {
  const owners = ['S-1-5-32-544', 'S-1-5-18', 'S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464'];
  const powershell = join('C:\\Windows', 'System32', 'WindowsPowerShell', 'v1.0', 'powershell.exe');
  const script =
    '(Get-Acl -LiteralPath ([Console]::In.ReadToEnd())).GetOwner([System.Security.Principal.SecurityIdentifier]).Value';
  const asked = promisify(execFile)(powershell, ['-NoProfile', '-NonInteractive', '-Command', script], {
    timeout: 10_000,
    windowsHide: true,
  });
  asked.child.stdin?.end(file);
  const { stdout } = await asked;
  return owners.includes(stdout.trim());
}
