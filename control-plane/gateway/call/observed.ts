import type { JsonObject, RequestId } from '#shared/mcp/json-rpc.js';
import { isObject } from '#shared/mcp/json-rpc.js';
import { MODERN_VERSION } from '#shared/mcp/meta.js';
import { isHosted } from '../../config/settings.js';
import type { Correlation } from '../../correlation/correlate.js';
import { boundedRequestId } from '../../observability/requests/bounded-names.js';
import { jsonRpcFailure, TOOL_ERROR } from '../../observability/requests/failure.js';
import type { Failure, ObservedRequest, ObservedUpstream } from '../../observability/requests/observed-request.js';
import type { Decision } from '../../policy/decision.js';
import type { LegacyClientSession } from '../eras/legacy-session.js';
import { serverExists, type Parts } from '../parts.js';
import type { Post } from './post.js';
import type { CallRoute } from './route.js';

type Opened = Required<Pick<ObservedRequest, 'trace'>> & Partial<ObservedRequest>;

/** What operators may know of a request: nothing that its client could have spelled freely. */
export function openedFacts(
  { request, address }: Post,
  id: RequestId,
  { trace }: Correlation,
  session: LegacyClientSession | undefined,
  showsAddress: boolean,
): Opened {
  const requestId = boundedRequestId(id);
  return {
    trace,
    protocolVersion: session?.version ?? MODERN_VERSION,
    httpVersion: request.httpVersion,
    ...(session === undefined ? {} : { sessionId: session.sid }),
    ...(requestId === undefined ? {} : { requestId }),
    ...(showsAddress ? { clientAddress: address } : {}),
  };
}

/** The same of a decision. Servers are those of the catalog, tools and prompts those that somebody other than the client has named. */
export function decidedFacts(
  parts: Pick<Parts, 'servers' | 'known'>,
  { server, target: { kind, name } }: CallRoute,
  { outcome, policies }: Pick<Decision, 'outcome' | 'policies'>,
  isTraced: boolean,
): Pick<ObservedRequest, 'decision' | 'policies' | 'server' | 'target' | 'upstream'> {
  const decided = { decision: outcome, policies };
  if (!serverExists(parts, server)) return decided;
  const isNamed =
    (kind === 'tool' && isKnownTool(parts, server, name)) ||
    (kind === 'prompt' && parts.known.names(server, 'prompts/list').includes(name));
  const target = isNamed ? { target: { kind, name } } : {};
  return { ...decided, server, ...target, ...(isTraced ? { upstream: upstreamOf(parts, server) } : {}) };
}

/** Of an answer that is a message of our own. */
export function answerFailure(answer: JsonObject | undefined): Failure | undefined {
  const { error, result } = answer ?? {};
  if (isObject(error) && typeof error['code'] === 'number') {
    return jsonRpcFailure(error['code'], isObject(error['data']) ? error['data']['code'] : undefined);
  }
  return isObject(result) && result['isError'] === true ? TOOL_ERROR : undefined;
}

function isKnownTool({ servers, known }: Pick<Parts, 'servers' | 'known'>, server: string, tool: string): boolean {
  const { tools } = servers[server]!;
  return (
    Object.hasOwn(tools, tool) ||
    known.headersOf(server, tool) !== undefined ||
    known.names(server, 'tools/list').includes(tool)
  );
}

function upstreamOf({ servers }: Pick<Parts, 'servers'>, server: string): ObservedUpstream {
  const settings = servers[server]!;
  if (isHosted(settings) || settings.url === undefined) return { transport: 'pipe' };
  const { protocol, hostname, port } = new URL(settings.url);
  return { transport: 'tcp', address: hostname, port: Number(port) || (protocol === 'https:' ? 443 : 80) };
}
