import { randomUUID } from 'node:crypto';
import { parseExactly } from '#shared/mcp/exact-json.js';
import type { JsonObject, RequestId } from '#shared/mcp/json-rpc.js';
import { isObject } from '#shared/mcp/json-rpc.js';
import { META } from '#shared/mcp/meta.js';
import type { UsedApproval } from '../../policy/approvals/approval.js';
import type { Identified } from '../call/post.js';
import type { Begun } from '../call/redact.js';
import type { Parts } from '../parts.js';
import { MessageScanner } from '../relay/message-scanner.js';
import type { RelayedResponse } from '../relay/relay.js';
import type { RequestStates, StateBinding } from './request-state.js';

/** Under which key the one request of a legacy server stands in `inputRequests`. */
export const QUESTION = 'question';

/** A legacy server's answer that waits for the client. */
export interface Waiting {
  readonly waiting: Begun;
  /** The server's request, under its own id. */
  readonly request: JsonObject;
}

/** Parks the call and tells the modern client what the server asks. Throws `rate_limited`. */
export function parked(
  parts: Pick<Parts, 'parked' | 'states'>,
  binding: StateBinding,
  { id, call, origin }: Identified,
  { waiting, request }: Waiting,
  approval: UsedApproval | undefined,
): RelayedResponse {
  call.signal.throwIfAborted();
  const { hop, relay, reply, secrets } = waiting;
  const { id: asked, method, params } = request;
  const place = randomUUID();
  hop.unfollow();
  const question = { id: asked as RequestId, request };
  parts.parked.park(origin.caller.session.person.id, binding, place, { hop, relay, reply, secrets, question });
  const result = {
    resultType: 'input_required',
    inputRequests: { [QUESTION]: { method, ...(params === undefined ? {} : { params }) } },
    requestState: parts.states.seal(binding, { kind: 'parked', id: place }, approval),
  };
  return responseOf({ jsonrpc: '2.0', id, result });
}

/** A modern server's `input_required` as it is, but for its state, which is sealed, and for what we alone say. */
export function resealed(
  states: RequestStates,
  binding: StateBinding,
  relayed: RelayedResponse,
  approval: UsedApproval | undefined,
): RelayedResponse {
  const message = parseExactly(relayed.rest.toString());
  const result = isObject(message) ? message['result'] : undefined;
  if (!isObject(message) || !isObject(result) || typeof result['requestState'] !== 'string') return relayed;
  const requestState = states.seal(binding, { kind: 'server', state: result['requestState'] }, approval);
  const {
    [META.approval]: _approval,
    [META.connection]: _connection,
    ...meta
  } = isObject(result['_meta']) ? result['_meta'] : {};
  const own = '_meta' in result ? { _meta: meta } : {};
  return responseOf({ ...message, result: { ...result, ...own, requestState } });
}

export function responseOf(message: JsonObject): RelayedResponse {
  const rest = Buffer.from(JSON.stringify(message));
  const scanner = new MessageScanner({});
  scanner.write(rest);
  return { kind: 'response', facts: scanner.facts, rest, whole: true };
}
