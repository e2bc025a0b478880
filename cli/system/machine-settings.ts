import { userInfo } from 'node:os';
import { managedPreferenceFiles } from './managed-preferences.js';
import { readManagedPolicy, readManagedPreferences, readManagedSettings } from './managed-settings.js';
import { managedSettingsFile } from './paths.js';
import { WINDOWS_POLICY } from './policy-registry.js';
import type { SettingsFile } from './settings-file.js';

/** What the administrator set on this machine, and where; empty where nothing is. */
export interface MachineSettings {
  readonly settings: SettingsFile;
  readonly from: string;
}

interface Place {
  readonly from: string;
  readonly read: () => Promise<SettingsFile | undefined>;
}

/**
 * The first place that there is, as a whole: what MDM installed (managed preferences of macOS, policy of Windows), else the
 * file. Throws CodedError config_invalid: a place that cannot be believed is not passed over.
 */
export async function readMachineSettings(
  platform: NodeJS.Platform,
  env: Readonly<Record<string, string | undefined>>,
): Promise<MachineSettings> {
  return firstOf(placesOf(platform, env));
}

export async function firstOf(places: readonly Place[]): Promise<MachineSettings> {
  for (const { from, read } of places) {
    const settings = await read();
    if (settings) return { settings, from };
  }
  return { settings: {}, from: places.at(-1)?.from ?? '' };
}

function placesOf(platform: NodeJS.Platform, env: Readonly<Record<string, string | undefined>>): Place[] {
  const file = managedSettingsFile(platform, env);
  const json = { from: file, read: () => readManagedSettings(file) };
  if (platform === 'darwin') {
    const preferences = managedPreferenceFiles(userInfo().username);
    return [...preferences.map((from) => ({ from, read: () => readManagedPreferences(from) })), json];
  }
  if (platform !== 'win32') return [json];
  return [{ from: `${WINDOWS_POLICY.key}\\${WINDOWS_POLICY.value}`, read: () => readManagedPolicy() }, json];
}
