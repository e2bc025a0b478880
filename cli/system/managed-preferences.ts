import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { CodedError } from '#shared/errors.js';

/** Turns a property list, XML or binary, into JSON. Rejects where it cannot. */
export type PlistToJson = (file: string) => Promise<string>;

/** What MDM installed for this person and for all, the nearer first. The folder is root’s; macOS writes it from profiles. */
export function managedPreferenceFiles(user: string): string[] {
  const folder = '/Library/Managed Preferences';
  const name = 'com.mcp-sso.bridge.plist';
  return [`${folder}/${user}/${name}`, `${folder}/${name}`];
}

/** Our settings in a file of managed preferences, as JSON text. Throws CodedError config_invalid. */
export async function readPreferences(file: string, toJson: PlistToJson = runPlutil): Promise<string> {
  try {
    const value: unknown = JSON.parse(await toJson(file));
    if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new TypeError('no dictionary');
    // macOS may leave keys of the profile itself in there.
    return JSON.stringify(Object.fromEntries(Object.entries(value).filter(([key]) => !key.startsWith('Payload'))));
  } catch (cause) {
    throw new CodedError('config_invalid', { message: `${file} cannot be read. Tell your administrator.`, cause });
  }
}

async function runPlutil(file: string): Promise<string> {
  const args = ['-convert', 'json', '-o', '-', '--', file];
  return (await promisify(execFile)('/usr/bin/plutil', args, { timeout: 10_000 })).stdout;
}
