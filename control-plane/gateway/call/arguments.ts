import type { JsonObject, JsonRpcRequest } from '#shared/mcp/json-rpc.js';
import { isObject } from '#shared/mcp/json-rpc.js';
import { MessageFault } from './message-fault.js';
import type { Target } from './route.js';

/**
 * The arguments that policy judges; none is the same as empty ones. Throws `params_invalid` where those of a tool or prompt
 * are no object: a server might read them all the same.
 */
export function argumentsOf({ id, params }: JsonRpcRequest, { kind }: Target): JsonObject {
  const args = params?.['arguments'];
  if (args === undefined || (kind !== 'tool' && kind !== 'prompt')) return {};
  if (isObject(args)) return args;
  throw new MessageFault('params_invalid', { id, message: '`params.arguments` must be an object.' });
}
