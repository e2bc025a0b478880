import type { ActiveCatalog } from '../../catalog/active-catalog.js';
import type { LoadedConfig, Settings } from '../../config/settings.js';

/** The settings that policies are judged by: those of the start, with the servers and roles in force. Throws `policy_failed` where none are. */
export function activeSettings({ settings }: LoadedConfig, catalog: ActiveCatalog): Settings {
  const { servers, roles } = catalog.current();
  return { ...settings, servers, roles };
}
