import { jsonFile, type Kit, type KitFile } from './kit.js';
import { managedSettings } from './managed-settings-json.js';

/** Where the CLI reads it: `/etc/mcp-sso/managed.json`. */
export function linuxFiles(kit: Kit): KitFile[] {
  return [{ path: 'linux/managed.json', content: jsonFile(managedSettings(kit)) }];
}
