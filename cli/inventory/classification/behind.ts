import type { ConfiguredServer } from '#shared/api/inventory.js';
import type { Declaration } from '../documents/declaration.js';
import { programName } from './launched-package.js';

/**
 * Whether a server is already reached through mcp-sso: our own bridge, or an address of the control plane.
 * `origins`: those that the settings of this machine name.
 */
export function behindUs({ command, args, url }: Declaration, origins: readonly string[]): ConfiguredServer['behind'] {
  if (command !== undefined && isBridge(command, args)) return 'bridge';
  const addresses = url === undefined ? args : [url];
  return addresses.some((address) => isGateway(address, origins)) ? 'gateway' : null;
}

function isBridge(command: string, args: readonly string[]): boolean {
  const name = programName(command);
  const verb = args.at(name === 'node' ? 1 : 0);
  const ours = /^mcp-sso(?:-\d[\w.]*-[a-z0-9]+-[a-z0-9]+)?$/.test(name);
  const script = name === 'node' && /[\\/](?:dist[\\/]cli[\\/]main\.js|mcp-sso)$/.test(args[0] ?? '');
  return (ours && (verb === 'bridge' || verb === undefined)) || (script && verb === 'bridge');
}

function isGateway(address: string, origins: readonly string[]): boolean {
  if (!URL.canParse(address)) return false;
  const { origin, pathname } = new URL(address);
  return origins.includes(origin) && /^\/mcp(?:\/|$)/.test(pathname);
}
