import type { ConfiguredServer, Endpoint, FoundSecret, LaunchedPackage, SocketOwner } from '#shared/api/inventory.js';
import { printable } from '../../system/printable.js';

/** What a configured server runs or reaches, in one line fit for a terminal. */
export function whatOf({ package: launched, url, command, args }: ConfiguredServer): string {
  if (launched) return printable(packageWords(launched));
  if (url !== null) return printable(url);
  if (command === null) return '-';
  const script = args.find((word) => word !== null && /[\\/.]/.test(word));
  return printable([command, script].filter(Boolean).join(' '));
}

/** As its registry writes it: a tag of an image follows a colon. */
function packageWords({ registry, name, version }: LaunchedPackage): string {
  if (version === null) return name;
  return `${name}${registry === 'oci' && !version.startsWith('sha256:') ? ':' : '@'}${version}`;
}

/** `2 secrets: github_token in env, jwt in header`. */
export function secretWords(secrets: readonly FoundSecret[]): string {
  const total = secrets.reduce((sum, { count }) => sum + count, 0);
  const kinds = secrets.map(({ kind, in: place, count }) => `${kind} in ${place}${count > 1 ? ` (${count})` : ''}`);
  return `${total} ${total === 1 ? 'secret' : 'secrets'}: ${kinds.join(', ')}`;
}

/** Who holds a socket: `node (4711) of alice`. */
export function ownerWords(owner: SocketOwner | null): string {
  if (!owner) return '-';
  const { pid, process, user } = owner;
  const program = process === null ? 'a program that only root sees' : `${process} (${pid})`;
  return printable(user === null ? program : `${program} of ${user}`);
}

export function toolWords({ tools, toolsCut }: Endpoint): string {
  if (!tools) return 'it does not list its tools';
  const names = tools.map(printable).join(', ');
  return `${tools.length}${toolsCut ? ' or more' : ''} ${tools.length === 1 ? 'tool' : 'tools'}: ${names}`;
}
