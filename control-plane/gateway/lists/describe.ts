import { CodedError } from '#shared/errors.js';
import type { JsonObject } from '#shared/mcp/json-rpc.js';
import { isObject } from '#shared/mcp/json-rpc.js';
import { META, MODERN_VERSION } from '#shared/mcp/meta.js';
import { redactText } from '../../credentials/redaction.js';
import type { Caller } from '../../identity/caller.js';
import { PRODUCT } from '../../upstreams/product.js';
import { resolveCredential } from '../call/credential.js';
import { scopeOf } from '../call/forward.js';
import type { Parts } from '../parts.js';
import type { ListScope } from './fetch-list.js';
import { listAll, requireSomething } from './list.js';
import { mayUse } from './visibility.js';

const CAPABILITIES = ['tools', 'resources', 'prompts'] as const;
/** Milliseconds that a dead server may keep a client from starting. */
const START_DEADLINE = 2_000;

/** The `server/discover` result of `/mcp/{server}`. Throws `server_unknown` where the person may use nothing of it. */
export async function describeOne(parts: Parts, caller: Caller, server: string, scope: ListScope): Promise<JsonObject> {
  try {
    const injection = await resolveCredential(parts.credentials, server);
    const { session, signal } = scope;
    const found = await parts.upstreams.describe(scopeOf({ server, session, injection, signal }));
    await requireSomething(parts, caller, server, scope);
    const { capabilities, instructions } = found;
    return description(
      isObject(capabilities) ? CAPABILITIES.filter((name) => isObject(capabilities[name])) : [],
      typeof instructions === 'string' ? redactText(injection.secrets, instructions) : undefined,
    );
  } catch (error) {
    throw mayUse(parts, caller, server) ? error : new CodedError('server_unknown');
  }
}

/** The `server/discover` result of `/mcp`: which servers there are for this person, and which do not answer. */
export async function describeAll(parts: Parts, caller: Caller, scope: ListScope): Promise<JsonObject> {
  const { serving, missing } = await listAll(parts, caller, 'tools/list', scope, START_DEADLINE);
  const titled = serving.map((server) => {
    const title = parts.servers[server]?.title;
    return title === undefined ? server : `${server} (${title})`;
  });
  const sentences = [
    'Tools and prompts are named server__name after the MCP server that they belong to.',
    ...(titled.length === 0 ? [] : [`Servers: ${titled.join(', ')}.`]),
    ...(missing.length === 0 ? [] : [`Not reachable at the moment: ${missing.join(', ')}.`]),
  ];
  return description(CAPABILITIES, sentences.join(' '));
}

/** No `listChanged` and no `subscribe`: nobody here would keep that promise. */
function description(capabilities: readonly string[], instructions: string | undefined): JsonObject {
  return {
    resultType: 'complete',
    supportedVersions: [MODERN_VERSION],
    capabilities: Object.fromEntries(capabilities.map((name) => [name, {}])),
    ...(instructions === undefined ? {} : { instructions }),
    ttlMs: 0,
    cacheScope: 'private',
    _meta: { [META.serverInfo]: { ...PRODUCT } },
  };
}
