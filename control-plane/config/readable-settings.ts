import { isObject } from '#shared/mcp/json-rpc.js';
import { valueAt } from './key-path.js';
import { settingsSchema, type Settings } from './settings.js';

const ADDRESS = 'http://localhost';
const PROVIDER = { issuer: ADDRESS, clientId: 'unknown', clientSecret: 'env:UNKNOWN' };

/**
 * Settings that hold the servers and provider names of a file as far as they can be read: enough to find the faults of
 * policies and credentials in the same run. Never a running configuration; everything else is a stand-in.
 */
export function readableSettings(raw: unknown): Settings {
  const { identity, servers } = settingsSchema.shape;
  const providerNames = entries(valueAt(raw, ['identity', 'providers'])).map(([id]) => id);
  const knownServers = entries(valueAt(raw, ['servers'])).filter(([id]) => servers.keyType.safeParse(id).success);
  return settingsSchema.parse({
    publicUrl: ADDRESS,
    identity: {
      providers: Object.fromEntries(
        providerNames
          .filter((id) => identity.shape.providers.keyType.safeParse(id).success)
          .map((id) => [id, PROVIDER] as const),
      ),
    },
    servers: Object.fromEntries(knownServers.map(([id, server]) => [id, readableServer(server)] as const)),
  });
}

function readableServer(server: unknown): object {
  const { url, credential, tools, command, labels } = settingsSchema.shape.servers.valueType.shape;
  const readable = {
    url: url.safeParse(valueAt(server, ['url'])),
    command: command.safeParse(valueAt(server, ['command'])),
    credential: credential.safeParse(valueAt(server, ['credential'])),
    labels: labels.safeParse(valueAt(server, ['labels'])),
    tools: entries(valueAt(server, ['tools'])).filter(([name, tool]) => tools.safeParse({ [name]: tool }).success),
  };
  return {
    ...(readable.command.data ? { command: readable.command.data } : { url: readable.url.data ?? ADDRESS }),
    ...(readable.credential.data ? { credential: readable.credential.data } : {}),
    labels: readable.labels.data ?? [],
    tools: Object.fromEntries(readable.tools),
  };
}

function entries(value: unknown): [string, unknown][] {
  return isObject(value) ? Object.entries(value) : [];
}
