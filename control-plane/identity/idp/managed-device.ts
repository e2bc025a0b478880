import type { ProviderSettings } from '../../config/provider-settings.js';
import type { Claims } from './claims.js';

/**
 * Whether an ID token says that the device is managed: its claim is one of the values of the settings, or a list that holds one.
 * Compared exactly, so that the text `true` is not the value true. What says nothing, says no.
 */
export function isManagedDevice(idToken: Claims | undefined, setting: ProviderSettings['managedDevice']): boolean {
  if (!idToken || !setting || !Object.hasOwn(idToken, setting.claim)) return false;
  const claimed: unknown = idToken[setting.claim];
  const said: unknown[] = Array.isArray(claimed) ? claimed : [claimed];
  return said.some((value) => setting.values.some((wanted) => wanted === value));
}
