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
import { namedByOthers } from './named-by-others.js';
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
  { server, target }: CallRoute,
  { outcome, policies }: Pick<Decision, 'outcome' | 'policies'>,
  isTraced: boolean,
): Pick<ObservedRequest, 'decision' | 'policies' | 'server' | 'target' | 'upstream'> {
  const decided = { decision: outcome, policies };
  if (!serverExists(parts, server)) return decided;
  const named = namedByOthers(parts, server, target) ? { target } : {};
  return { ...decided, server, ...named, ...(isTraced ? { upstream: upstreamOf(parts, server) } : {}) };
}

/** Of an answer that is a message of our own. */
export function answerFailure(answer: JsonObject | undefined): Failure | undefined {
  const { error, result } = answer ?? {};
  if (isObject(error) && typeof error['code'] === 'number') {
    return jsonRpcFailure(error['code'], isObject(error['data']) ? error['data']['code'] : undefined);
  }
  return isObject(result) && result['isError'] === true ? TOOL_ERROR : undefined;
}

function upstreamOf({ servers }: Pick<Parts, 'servers'>, server: string): ObservedUpstream {
  const settings = servers[server]!;
  if (isHosted(settings) || settings.url === undefined) return { transport: 'pipe' };
  const { protocol, hostname, port } = new URL(settings.url);
  return { transport: 'tcp', address: hostname, port: Number(port) || (protocol === 'https:' ? 443 : 80) };
}
