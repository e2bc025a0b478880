import { isDeepStrictEqual } from 'node:util';
import { isObject } from '#shared/mcp/json-rpc.js';
import { isolationOf } from '../config/hosted-settings.js';
import { stringsIn, valueAt } from '../config/key-path.js';
import { parseSecretReference } from '../config/secret-reference.js';
import type { ServerSettings, Settings } from '../config/settings.js';
import { writtenServers } from './content.js';

/**
 * What a token of the admin API must not reach: the machine of the control plane. Whoever writes the directory may
 * read its files anyway; an administrator in a browser could otherwise send the master key to a server of their own.
 * @returns one line for each fault; a server that is as it was has none.
 */
export function proposalLimits(servers: unknown, active: Settings['servers']): string[] {
  const known = writtenServers(active);
  return Object.entries(isObject(servers) ? servers : {})
    .filter(([id, server]) => !isDeepStrictEqual(server, own(known, id)))
    .flatMap(([id, server]) => outerReferences(id, server, own(known, id)).concat(openings(id, server)));
}

function own(servers: Record<string, Partial<ServerSettings>>, id: string): Partial<ServerSettings> | undefined {
  return Object.hasOwn(servers, id) ? servers[id] : undefined;
}

function outerReferences(id: string, server: unknown, before: unknown): string[] {
  const had = new Set(stringsIn(before).map(({ text }) => text));
  return stringsIn(server).flatMap(({ path, text }) => {
    const source = parseSecretReference(text)?.source;
    if (source === undefined || source === 'secret' || had.has(text)) return [];
    const key = ['servers', id, ...path].join('.');
    return [`${key}: ${source}: reads from the control plane’s machine → store the value, and write secret:NAME`];
  });
}

function openings(id: string, server: unknown): string[] {
  const isolation = valueAt(server, ['isolation']);
  const fix = 'only the configuration directory can do that';
  return [
    ...(typeof isolation === 'string' && isolationOf(isolation).kind !== 'bubblewrap'
      ? [`servers.${id}.isolation: takes the program out of the sandbox → ${fix}`]
      : []),
    ...(valueAt(server, ['network']) === 'host'
      ? [`servers.${id}.network: opens this machine’s loopback services → ${fix}`]
      : []),
  ];
}
