import { CodedError } from '#shared/errors.js';
import { resolveSettings, type CliSettings, type Setting } from '../../system/settings.js';
import { found, type Check } from '../check.js';
import { fault } from '../faults/faults.js';
import { ok, type Found } from '../finding.js';

/** Which settings there are, who set each, and who asked in vain. */
export const SETTINGS: Check = {
  name: 'settings',
  title: 'Settings',
  needs: [],
  // On Windows PowerShell is asked who owns the managed settings.
  limit: 11_000,
  code: 'config_invalid',
  run: async ({ context }) => {
    try {
      const settings = await resolveSettings(context);
      const all = judgeSettings(settings);
      return settings.url
        ? { found: all, learnt: { settings, origin: new URL(settings.url.value) } }
        : { found: all, learnt: { settings } };
    } catch (error) {
      if (!(error instanceof CodedError)) throw error;
      return found(fault('settings', 'settings_unreadable', { problem: error.message }));
    }
  },
};

export function judgeSettings({ url, credentialStore, trusted }: CliSettings): Found[] {
  if (!url) return [fault('settings', 'no_control_plane', {})];
  const store = credentialStore ? `, sign-ins in ${credentialStore.value} (set by ${credentialStore.setBy})` : '';
  const named = trusted.includes(url.value);
  return [
    ok(`The control plane is ${url.value} (set by ${url.setBy})${store}.`),
    ...ignored('control plane', url),
    ...ignored('credential store', credentialStore),
    ...(named ? [] : [fault('settings', 'control_plane_unnamed', { origin: url.value })]),
  ];
}

function ignored(setting: string, chosen: Setting<unknown> | undefined): Found[] {
  if (!chosen) return [];
  return chosen.overrules.map((by) => fault('settings', 'setting_ignored', { by, setting, file: chosen.setBy }));
}
