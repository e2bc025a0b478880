import { isObject } from '#shared/mcp/json-rpc.js';
import type { Caller } from '../../identity/caller.js';
import { lifted, liftedInitialize, requestKey, requireSession } from '../eras/legacy-client.js';
import type { Parts } from '../parts.js';
import { claimedClient } from './call-record.js';
import type { Identified, Post } from './post.js';
import type { Received, ReceivedRequest } from './receive.js';

/** Takes an identified request in: in the modern form, within the bounds, within reach of cancellation. */
export function open(parts: Parts, post: Post, caller: Caller, { era, message }: ReceivedRequest): Identified {
  const { request, server: endpoint, address } = post;
  const opened = (): Pick<Identified, 'message'> & { key?: string } => {
    if (era === 'modern') return { message };
    if (message.method === 'initialize') return { message: liftedInitialize(message) };
    const session = requireSession(parts, caller, request.headers, endpoint, message.id);
    return { message: lifted(message, session), key: requestKey(session, message.id) };
  };
  const { message: modern, key } = opened();
  return {
    origin: { caller, address, claimedClient: claimedClient(modern.params) },
    era,
    id: message.id,
    message: modern,
    endpoint,
    call: parts.calls.begin(caller.session.id, key),
  };
}

/** A notification, or an answer to a request that we never make. Only a legacy cancellation has an effect. */
export function takeNotice(
  parts: Parts,
  post: Post,
  caller: Caller,
  received: Exclude<Received, ReceivedRequest>,
): void {
  if (received.kind === 'response' || received.era === 'modern') return;
  const session = requireSession(parts, caller, post.request.headers, post.server);
  const { method, params } = received.message;
  if (method !== 'notifications/cancelled' || !isObject(params)) return;
  parts.calls.cancel(caller.session.id, requestKey(session, params['requestId']));
}
