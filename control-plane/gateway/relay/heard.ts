import { parseExactly } from '#shared/mcp/exact-json.js';
import { isObject } from '#shared/mcp/json-rpc.js';
import { RESOURCE_UPDATED } from '../../upstreams/listening.js';
import { decide } from '../call/decide.js';
import type { Identified } from '../call/post.js';
import { serverExists, type Parts } from '../parts.js';
import { aggregatedMessage } from '../subscriptions/notification.js';
import type { RelayOptions } from './relay.js';
import { wantsOf } from './wanted.js';

/**
 * What the client of a call hears of the notifications in its answer. The update of a resource is judged as reading it
 * is, by the policy of this moment, and has the name of `/mcp` there.
 */
export function heardOf(
  { current }: Pick<Parts, 'current'>,
  request: Pick<Identified, 'era' | 'message' | 'origin' | 'endpoint'>,
  server: string,
): RelayOptions['heard'] {
  const wants = wantsOf(request);
  return (facts, message) => {
    if (!wants(facts)) return undefined;
    return facts.methodName === RESOURCE_UPDATED ? updateFor(current(), request, server, message) : message;
  };
}

function updateFor(
  parts: Parts,
  { origin, endpoint }: Pick<Identified, 'origin' | 'endpoint'>,
  server: string,
  bytes: Buffer,
): Buffer | undefined {
  const message = parseExactly(bytes.toString());
  const params = isObject(message) ? message['params'] : undefined;
  const uri = isObject(params) ? params['uri'] : undefined;
  if (!isObject(message) || typeof uri !== 'string' || !serverExists(parts, server)) return undefined;
  const decision = decide(parts.policy, origin, server, { kind: 'resource', name: uri }, {});
  if (decision.outcome !== 'allow') return undefined;
  return Buffer.from(JSON.stringify(aggregatedMessage(endpoint === undefined ? server : undefined, message)));
}
