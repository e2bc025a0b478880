import { isDeepStrictEqual } from 'node:util';
import { isObject } from '#shared/mcp/json-rpc.js';
import { isolationOf } from '../config/hosted-settings.js';
import { stringsIn, valueAt } from '../config/key-path.js';
import { parseSecretReference } from '../config/secret-reference.js';
import { parseStoreReference } from '../config/store-reference.js';
import type { ServerSettings, Settings } from '../config/settings.js';
import { writtenServers } from './content.js';

const FIX = 'only the configuration directory can do that';
const HARMLESS: ReadonlySet<string> = new Set(['title', 'tools', 'idleMinutes', 'memoryMiB']);

/**
 * What a token of the admin API must not reach: the machine of the control plane. Whoever writes the directory may
 * read its files anyway; an administrator in a browser could otherwise send the master key to a server of their own.
 * @returns one line for each fault; a server that is as it was has none.
 */
export function proposalLimits(servers: unknown, active: Settings['servers']): string[] {
  const known = writtenServers(active);
  return Object.entries(isObject(servers) ? servers : {})
    .filter(([id, server]) => !isDeepStrictEqual(server, own(known, id)))
    .flatMap(([id, server]) => {
      const before = own(known, id);
      return outerReferences(id, server, before).concat(openings(id, server), openedPaths(id, server, before));
    });
}

function own(servers: Record<string, Partial<ServerSettings>>, id: string): Partial<ServerSettings> | undefined {
  return Object.hasOwn(servers, id) ? servers[id] : undefined;
}

/** What was read here for a server stays with it only while it goes to the same place by the same way. */
function outerReferences(id: string, server: unknown, before: Partial<ServerSettings> | undefined): string[] {
  if (before !== undefined && isDeepStrictEqual(reachOf(server), reachOf(before))) return [];
  return stringsIn(server).flatMap(({ path, text }) => {
    const key = ['servers', id, ...path].join('.');
    const store = parseStoreReference(text)?.store;
    if (store !== undefined) {
      return [
        `${key}: ${store}: reads whatever the control plane may read there → store the value, and write secret:NAME`,
      ];
    }
    const source = parseSecretReference(text)?.source;
    if (source === undefined || source === 'secret') return [];
    return [`${key}: ${source}: reads from the control plane’s machine → store the value, and write secret:NAME`];
  });
}

/** All that decides who sees a secret of this server. */
function reachOf(server: unknown): unknown {
  return Object.fromEntries(Object.entries(isObject(server) ? server : {}).filter(([key]) => !HARMLESS.has(key)));
}

/** A program in the sandbox sees this machine through these: with them it could read its files, or replace its programs. */
function openedPaths(id: string, server: unknown, before: Partial<ServerSettings> | undefined): string[] {
  return (['read', 'write'] as const).flatMap((key) => {
    const had = new Set<unknown>(before?.[key]);
    return stringsIn(valueAt(server, [key]))
      .filter(({ text }) => !had.has(text))
      .map(
        ({ path }) =>
          `${['servers', id, key, ...path].join('.')}: opens a path of the control plane’s machine → ${FIX}`,
      );
  });
}

function openings(id: string, server: unknown): string[] {
  const isolation = valueAt(server, ['isolation']);
  return [
    ...(typeof isolation === 'string' && isolationOf(isolation).kind !== 'bubblewrap'
      ? [`servers.${id}.isolation: takes the program out of the sandbox → ${FIX}`]
      : []),
    ...(valueAt(server, ['network']) === 'host'
      ? [`servers.${id}.network: opens this machine’s loopback services → ${FIX}`]
      : []),
  ];
}
