import { asCoded, CodedError } from '#shared/errors.js';
import { lowerResult } from '#shared/mcp/eras.js';
import type { JsonObject } from '#shared/mcp/json-rpc.js';
import { LOG_LEVELS } from '#shared/mcp/meta.js';
import { initialized } from '../eras/legacy-client.js';
import { describeAll, describeOne } from '../lists/describe.js';
import { listAll, listOne } from '../lists/list.js';
import { serverExists, type Parts } from '../parts.js';
import type { ClientResponse } from '../relay/client-response.js';
import { recordOf } from './call-record.js';
import { MessageFault } from './message-fault.js';
import { listScope, type Identified } from './post.js';
import type { Route } from './route.js';

type LocalRoute = Exclude<Route, { kind: 'call' | 'listen' }>;

/** Answers what is put together here: the handshakes and the lists. */
export async function answerLocally(
  parts: Parts,
  request: Identified,
  to: LocalRoute,
  client: ClientResponse,
): Promise<void> {
  const { id, origin, session, era, message } = request;
  if (to.kind === 'ping') {
    client.sendResult(id, {});
    return;
  }
  if (to.kind === 'log-level') {
    setLogLevel(parts, request);
    client.sendResult(id, {});
    return;
  }
  const result = await recorded(parts, request, () =>
    to.kind === 'list' ? list(parts, request, to.method) : describe(parts, request),
  );
  if (to.kind === 'initialize' && session) {
    const { result: answer, headers } = initialized(parts, origin.caller, session, result);
    client.sendResult(id, answer, headers);
  } else {
    client.sendResult(id, era === 'modern' ? result : lowerResult(message.method, result));
  }
}

/** Legacy clients set the level for their session; servers hear it with each request. Throws `params_invalid`. */
function setLogLevel({ clientSessions }: Parts, { id, message, session }: Identified): void {
  const level = LOG_LEVELS.find((known) => known === message.params?.['level']);
  if (level === undefined || session === undefined) {
    throw new MessageFault('params_invalid', {
      id,
      message: `\`params.level\` must be one of ${LOG_LEVELS.join(', ')}.`,
    });
  }
  clientSessions.of(session).logLevel = level;
}

async function list(
  parts: Parts,
  request: Identified,
  method: Extract<LocalRoute, { kind: 'list' }>['method'],
): Promise<JsonObject> {
  const { origin, endpoint, message } = request;
  const scope = listScope(request);
  if (endpoint === undefined) return await listAll(parts, origin, method, scope, message.params);
  return await listOne(parts, origin, endpoint, method, scope, message.params);
}

function describe(parts: Parts, request: Identified): Promise<JsonObject> {
  const { origin, endpoint } = request;
  const scope = listScope(request);
  if (endpoint === undefined) return describeAll(parts, origin, scope);
  return describeOne(parts, origin, endpoint, scope);
}

/** Who looks at a server is on record before the server hears of it; so is who looked in vain. */
async function recorded(
  parts: Parts,
  { origin, message, endpoint, id }: Identified,
  step: () => Promise<JsonObject>,
): Promise<JsonObject> {
  const server = endpoint === undefined ? {} : { server: endpoint };
  const facts = { target: message.method, ...server, policyRevision: parts.policy.revision };
  try {
    if (endpoint !== undefined && !serverExists(parts, endpoint)) throw new CodedError('server_unknown');
    await parts.audit.write(recordOf(origin, 'list', 'event', { ...facts, decision: 'allow' }));
    return await step();
  } catch (error) {
    if (asCoded(error).code !== 'server_unknown') throw error;
    const denied = { ...facts, decision: 'deny' as const, code: 'server_unknown' };
    const { id: reference } = await parts.audit.write(recordOf(origin, 'list', 'event', denied));
    throw new MessageFault('server_unknown', { id, data: { reference } });
  }
}
