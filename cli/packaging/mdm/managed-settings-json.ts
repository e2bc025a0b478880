import type { SettingsFile } from '../../system/settings-file.js';
import type { Kit } from './kit.js';

/** The managed settings that the CLI reads on every system. */
export function managedSettings({ origin, overridable, credentialStore }: Kit): SettingsFile {
  return {
    url: origin,
    ...(credentialStore === undefined ? {} : { credentialStore }),
    ...(overridable ? { overridable: ['url'] } : {}),
  };
}
