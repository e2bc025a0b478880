import { CodedError } from '#shared/errors.js';
import type { JsonObject } from '#shared/mcp/json-rpc.js';
import { isObject } from '#shared/mcp/json-rpc.js';
import { META, MODERN_VERSION, type NamedServer } from '#shared/mcp/meta.js';
import { redactText } from '../../credentials/redaction.js';
import { PRODUCT } from '../../observability/product.js';
import type { Origin } from '../call/call-record.js';
import { scopeOf } from '../call/forward.js';
import { withCredential } from '../call/with-credential.js';
import type { Parts } from '../parts.js';
import type { ListScope } from './fetch-list.js';
import { joinLists, requireSomething } from './list.js';
import { connectAddress, unconnectedSentence, waitsForConnection } from './unconnected.js';
import { mayUse } from './visibility.js';
import { waitingSentence, waitingTools } from './waiting-tools.js';

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
    const { session, client, signal } = scope;
    const masked = await withCredential(parts, { server, session }, async (injection) => {
      const found = await parts.upstreams.describe(scopeOf({ server, session, client, injection, signal }));
      return JSON.parse(redactText(injection.secrets, JSON.stringify(found))) as JsonObject;
    });
    const usable = await requireSomething(parts, origin, server, scope);
    const { instructions } = masked;
    const count = waitingTools(parts, origin, server);
    const waiting = waitingSentence(count === 0 ? [] : [{ id: server, count }]);
    const ours = [...parts.cut.sentences([server], parts.limits), ...waiting];
    if (ours.length === 0) return description(masked);
    // What nobody has reviewed anything of says nothing to an AI app yet.
    const own = usable && typeof instructions === 'string' ? [instructions] : [];
    return description({ ...masked, instructions: [...own, ...ours].join('\n\n') });
  } catch (error) {
    if (waitsForConnection(error)) return await describeUnconnected(parts, origin, server, scope);
    throw mayUse(parts, origin, server) ? error : new CodedError('server_unknown');
  }
}

/** What it may offer nobody knows before it was asked. */
async function describeUnconnected(
  parts: Parts,
  origin: Origin,
  server: string,
  scope: ListScope,
): Promise<JsonObject> {
  await requireSomething(parts, origin, server, scope);
  return description({
    capabilities: CAPABILITIES,
    instructions: unconnectedSentence(parts, [titled(parts, server)]).join(' '),
    _meta: { [META.servers]: [namedServer(parts, server, true, { connect: connectAddress(parts) })] },
  });
}

/** The `server/discover` result of `/mcp`: which servers there are for this person, and which do not answer. */
export async function describeAll(parts: Parts, origin: Origin, scope: ListScope): Promise<JsonObject> {
  const { serving, missing, unconnected } = await joinLists(parts, origin, 'tools/list', scope, {
    deadline: START_DEADLINE,
  });
  const waiting = waitingPerServer(parts, origin);
  const shown = serving.map((server) => titled(parts, server));
  const sentences = [
    'Tools and prompts are named server__name after the MCP server that they belong to.',
    ...(shown.length === 0 ? [] : [`Servers: ${shown.join(', ')}.`]),
    ...(missing.length === 0 ? [] : [`Not reachable at the moment: ${missing.join(', ')}.`]),
    ...unconnectedSentence(
      parts,
      unconnected.map((server) => titled(parts, server)),
    ),
    ...parts.cut.sentences(serving, parts.limits),
    ...waitingSentence([...waiting].map(([id, count]) => ({ id, count }))),
  ];
  return description({
    capabilities: CAPABILITIES,
    instructions: sentences.join(' '),
    _meta: { [META.servers]: named(parts, { serving, missing, unconnected, waiting }) },
  });
}

interface Found {
  readonly serving: readonly string[];
  readonly missing: readonly string[];
  readonly unconnected: readonly string[];
  /** Tools that wait for a review, by server. */
  readonly waiting: ReadonlyMap<string, number>;
}

function waitingPerServer(parts: Parts, origin: Origin): Found['waiting'] {
  const counted = Object.keys(parts.servers).map((id) => [id, waitingTools(parts, origin, id)] as const);
  return new Map(counted.filter(([, count]) => count > 0));
}

function named(parts: Parts, { serving, missing, unconnected, waiting }: Found): NamedServer[] {
  const known = new Set([...serving, ...missing, ...unconnected, ...waiting.keys()]);
  return Object.keys(parts.servers)
    .filter((id) => known.has(id))
    .map((id) => {
      const connect = unconnected.includes(id) ? connectAddress(parts) : undefined;
      return namedServer(parts, id, !missing.includes(id), { connect, waiting: waiting.get(id) });
    });
}

function namedServer(
  { servers, cut }: Parts,
  id: string,
  reachable: boolean,
  { connect, waiting }: { readonly connect?: string | undefined; readonly waiting?: number | undefined },
): NamedServer {
  const title = servers[id]?.title;
  const bound = reachable ? cut.of(id) : undefined;
  return {
    id,
    ...(title === undefined ? {} : { title }),
    reachable,
    ...(connect === undefined ? {} : { connect }),
    ...(bound === undefined ? {} : { cutBy: `limits.${bound}` }),
    ...(waiting === undefined ? {} : { waiting }),
  };
}

function titled({ servers }: Parts, server: string): string {
  const title = servers[server]?.title;
  return title === undefined ? server : `${server} (${title})`;
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
