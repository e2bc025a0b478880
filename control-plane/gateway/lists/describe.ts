import { CodedError } from '#shared/errors.js';
import type { JsonObject } from '#shared/mcp/json-rpc.js';
import { isObject } from '#shared/mcp/json-rpc.js';
import { META, MODERN_VERSION, type NamedServer } from '#shared/mcp/meta.js';
import { redactText } from '../../credentials/redaction.js';
import { PRODUCT } from '../../upstreams/product.js';
import type { Origin } from '../call/call-record.js';
import { resolveCredential } from '../call/credential.js';
import { scopeOf } from '../call/forward.js';
import type { Parts } from '../parts.js';
import type { ListScope } from './fetch-list.js';
import { joinLists, requireSomething } from './list.js';
import { mayUse } from './visibility.js';

/** What `/mcp` offers whatever its servers offer. */
const CAPABILITIES = {
  tools: { listChanged: true },
  resources: { listChanged: true, subscribe: true },
  prompts: { listChanged: true },
  completions: {},
  logging: {},
};
/** Milliseconds that a dead server may keep a client from starting. */
const START_DEADLINE = 2_000;

/** The `server/discover` result of `/mcp/{server}`. Throws `server_unknown` where the person may use nothing of it. */
export async function describeOne(parts: Parts, origin: Origin, server: string, scope: ListScope): Promise<JsonObject> {
  try {
    const injection = await resolveCredential(parts.credentials, server);
    const { session, client, signal } = scope;
    const found = await parts.upstreams.describe(scopeOf({ server, session, client, injection, signal }));
    await requireSomething(parts, origin, server, scope);
    const masked = JSON.parse(redactText(injection.secrets, JSON.stringify(found))) as JsonObject;
    const { instructions } = masked;
    const cut = parts.cut.sentences([server], parts.limits);
    if (cut.length === 0) return description(masked);
    const own = typeof instructions === 'string' ? [instructions] : [];
    return description({ ...masked, instructions: [...own, ...cut].join('\n\n') });
  } catch (error) {
    throw mayUse(parts, origin, server) ? error : new CodedError('server_unknown');
  }
}

/** The `server/discover` result of `/mcp`: which servers there are for this person, and which do not answer. */
export async function describeAll(parts: Parts, origin: Origin, scope: ListScope): Promise<JsonObject> {
  const { serving, missing } = await joinLists(parts, origin, 'tools/list', scope, { deadline: START_DEADLINE });
  const titled = serving.map((server) => {
    const title = parts.servers[server]?.title;
    return title === undefined ? server : `${server} (${title})`;
  });
  const sentences = [
    'Tools and prompts are named server__name after the MCP server that they belong to.',
    ...(titled.length === 0 ? [] : [`Servers: ${titled.join(', ')}.`]),
    ...(missing.length === 0 ? [] : [`Not reachable at the moment: ${missing.join(', ')}.`]),
    ...parts.cut.sentences(serving, parts.limits),
  ];
  return description({
    capabilities: CAPABILITIES,
    instructions: sentences.join(' '),
    _meta: { [META.servers]: named(parts, serving, missing) },
  });
}

function named(parts: Parts, serving: readonly string[], missing: readonly string[]): NamedServer[] {
  const shown = Object.keys(parts.servers).filter((id) => serving.includes(id) || missing.includes(id));
  return shown.map((id) => namedServer(parts, id, serving.includes(id)));
}

function namedServer({ servers, cut }: Parts, id: string, reachable: boolean): NamedServer {
  const title = servers[id]?.title;
  const bound = reachable ? cut.of(id) : undefined;
  return {
    id,
    ...(title === undefined ? {} : { title }),
    reachable,
    ...(bound === undefined ? {} : { cutBy: `limits.${bound}` }),
  };
}

/** What a server says of itself, or we of all of them, as one person hears it. */
function description(said: JsonObject): JsonObject {
  const { capabilities, _meta: meta, ...rest } = said;
  return {
    ...rest,
    resultType: 'complete',
    supportedVersions: [MODERN_VERSION],
    capabilities: isObject(capabilities) ? capabilities : {},
    ttlMs: 0,
    cacheScope: 'private',
    _meta: { [META.serverInfo]: { ...PRODUCT }, ...(isObject(meta) ? meta : {}) },
  };
}
