import { asCoded, type CodedError } from '#shared/errors.js';
import type { JsonObject } from '#shared/mcp/json-rpc.js';
import { isObject } from '#shared/mcp/json-rpc.js';
import { isShortened } from '#shared/mcp/names.js';
import type { RecordFacts } from '../../audit/record.js';
import { overLimit } from '../../config/limits.js';
import { shownAs, type NamedList } from '../lists/shortened-names.js';
import { mayUse } from '../lists/visibility.js';
import { serverExists, type Parts } from '../parts.js';
import { recordOf, typeOf } from './call-record.js';
import { listOnRecord } from './list-on-record.js';
import { MessageFault } from './message-fault.js';
import type { Identified } from './post.js';
import type { CallRoute, Route } from './route.js';
import { targetOnRecord } from './target-on-record.js';

/**
 * Step 3, where `/mcp` shows a shortened name: the route under the server's own, so that policy judges the tool that is
 * called. Throws, on record, `params_invalid` where nothing has that name, or more than one, and the errors of the far side.
 */
export async function withOwnName(parts: Parts, request: Identified, to: Route): Promise<Route> {
  if (to.kind !== 'call' || request.endpoint !== undefined) return to;
  const { server, target, message } = to;
  const { kind } = target;
  const shown = `${server}__${target.name}`;
  if ((kind !== 'tool' && kind !== 'prompt') || !isShortened(shown)) return to;
  const list = kind === 'tool' ? 'tools/list' : 'prompts/list';
  const names = (): readonly string[] => shownAs(parts.known, server, list, shown);
  // Whoever may use nothing of a server does not make us ask it.
  if (names().length === 0 && serverExists(parts, server) && mayUse(parts, request.origin, server)) {
    await lookUp(parts, request, to, list);
  }
  const [name, another] = names();
  if (name === undefined || another !== undefined) {
    const reference = await onRecord(parts, request, to, { decision: 'deny', code: 'params_invalid' });
    const wanted = `There is no ${kind} of this shortened name, or more than one. List them again.`;
    throw new MessageFault('params_invalid', { id: message.id, message: wanted, data: { reference } });
  }
  return { ...to, target: { ...target, name }, message: { ...message, params: renamed(message.params, name) } };
}

/** Asks the server for its list. Throws the errors of the far side, on record. */
async function lookUp(parts: Parts, request: Identified, to: CallRoute, list: NamedList): Promise<void> {
  const { call } = request;
  try {
    await listOnRecord(parts, request, to.server, list);
  } catch (thrown) {
    if (call.signal.aborted) throw call.signal.reason;
    const error = late(parts, asCoded(thrown));
    await onRecord(parts, request, to, { outcome: 'error', code: error.code });
    throw error;
  }
}

function late({ limits: { listSeconds } }: Parts, error: CodedError): CodedError {
  if (error.code !== 'upstream_timeout') return error;
  const what = `The MCP server did not list what it offers within ${listSeconds} s`;
  const todo = 'Without it, a shortened name stands for nothing. The call was not made.';
  return overLimit('upstream_unreachable', 'listSeconds', what, todo);
}

async function onRecord(
  parts: Parts,
  { origin }: Identified,
  { server, target }: CallRoute,
  facts: RecordFacts,
): Promise<string> {
  const named = targetOnRecord(parts, server, target);
  const record = recordOf(origin, typeOf(target), 'event', { server, ...named.facts, ...facts }, named.personal);
  return (await parts.audit.write(record)).id;
}

/** `completion/complete` names its prompt in a reference. */
function renamed(params: JsonObject = {}, name: string): JsonObject {
  const { ref } = params;
  return isObject(ref) ? { ...params, ref: { ...ref, name } } : { ...params, name };
}
