import { asCoded } from '#shared/errors.js';
import type { JsonObject } from '#shared/mcp/json-rpc.js';
import { isObject } from '#shared/mcp/json-rpc.js';
import { isShortened } from '#shared/mcp/names.js';
import type { RecordFacts } from '../../audit/record.js';
import { ownName } from '../lists/shortened-names.js';
import { serverExists, type Parts } from '../parts.js';
import { recordOf, typeOf } from './call-record.js';
import { MessageFault } from './message-fault.js';
import { listScope, type Identified } from './post.js';
import type { CallRoute, Route } from './route.js';

/**
 * Step 3, where `/mcp` shows a shortened name: the route under the server's own, so that policy judges the tool that is
 * called. Throws, on record, `params_invalid` where nothing has that name, and the errors of the far side.
 */
export async function withOwnName(parts: Parts, request: Identified, to: Route): Promise<Route> {
  if (to.kind !== 'call' || request.endpoint !== undefined) return to;
  const { server, target, message } = to;
  const { kind } = target;
  const shown = `${server}__${target.name}`;
  if ((kind !== 'tool' && kind !== 'prompt') || !isShortened(shown)) return to;
  const name = await found(parts, request, to, kind === 'tool' ? 'tools/list' : 'prompts/list', shown);
  if (name === undefined) {
    const reference = await onRecord(parts, request, to, { decision: 'deny', code: 'params_invalid' });
    const wanted = `There is no ${kind} of this shortened name, or more than one. List them again.`;
    throw new MessageFault('params_invalid', { id: message.id, message: wanted, data: { reference } });
  }
  return { ...to, target: { ...target, name }, message: { ...message, params: renamed(message.params, name) } };
}

async function found(
  parts: Parts,
  request: Identified,
  to: CallRoute,
  list: 'tools/list' | 'prompts/list',
  shown: string,
): Promise<string | undefined> {
  if (!serverExists(parts, to.server)) return undefined;
  try {
    return await ownName(parts, request.origin.caller, to.server, list, shown, listScope(request));
  } catch (error) {
    await onRecord(parts, request, to, { outcome: 'error', code: asCoded(error).code });
    throw error;
  }
}

async function onRecord(
  parts: Parts,
  { origin }: Identified,
  { server, target }: CallRoute,
  facts: RecordFacts,
): Promise<string> {
  const record = recordOf(origin, typeOf(target), 'event', { server, target: target.name, ...facts });
  return (await parts.audit.write(record)).id;
}

/** `completion/complete` names its prompt in a reference. */
function renamed(params: JsonObject = {}, name: string): JsonObject {
  const { ref } = params;
  return isObject(ref) ? { ...params, ref: { ...ref, name } } : { ...params, name };
}
