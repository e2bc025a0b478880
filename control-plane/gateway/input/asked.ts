import { CodedError, ERRORS } from '#shared/errors.js';
import { offers } from '#shared/mcp/client-capabilities.js';
import { textOf, type JsonObject, type RequestId } from '#shared/mcp/json-rpc.js';
import { METHOD_NOT_FOUND, outsideOfCalls } from '../../upstreams/session-events.js';
import type { CallInFlight } from '../calls-in-flight.js';
import type { Identified } from '../call/post.js';
import type { Parts } from '../parts.js';
import type { ClientResponse } from '../relay/client-response.js';

type Reply = (id: RequestId, answer: JsonObject) => void;

/** What a client may be asked at all; a legacy one says itself what else it serves. */
const DECLARED = new Set(['sampling/createMessage', 'roots/list', 'elicitation/create']);

/**
 * Takes a legacy server's request to the client: to a legacy one as a request on its stream, while the answer flows on;
 * for a modern one the answer waits (false). What the client did not declare is refused here.
 */
export function askedOf(
  parts: Pick<Parts, 'clientRequests'>,
  { era, client: { capabilities }, session, call }: Identified,
  client: ClientResponse,
  reply: Reply,
): (request: JsonObject) => boolean {
  return (request) => {
    const id = request['id'] as RequestId;
    const method = textOf(request['method']);
    if (method === 'ping') reply(id, outsideOfCalls(request));
    else if (era === 'modern' && offers(capabilities, request)) return false;
    else if (session === undefined || !serves(capabilities, request)) reply(id, METHOD_NOT_FOUND);
    else {
      askLegacy(parts, session.sid, request, client, call).then(
        (answer) => reply(id, answer),
        () => undefined,
      );
    }
    return true;
  };
}

/** Whether a legacy client may be asked this. */
export function serves(capabilities: JsonObject, request: JsonObject): boolean {
  return !DECLARED.has(textOf(request['method'])) || offers(capabilities, request);
}

/** A legacy client's answer, in the form that its server gets. */
export async function askLegacy(
  { clientRequests }: Pick<Parts, 'clientRequests'>,
  sid: string,
  request: JsonObject,
  client: ClientResponse,
  call: Pick<CallInFlight, 'signal'>,
): Promise<JsonObject> {
  try {
    return answerIn(await clientRequests.ask(sid, request, (message) => client.sendEvent(message), call.signal));
  } catch (error) {
    return unanswered(error);
  }
}

function answerIn({ result, error }: JsonObject): JsonObject {
  return error === undefined ? { result: result ?? {} } : { error };
}

function unanswered(error: unknown): JsonObject {
  const message = error instanceof CodedError ? error.message : ERRORS.internal.text;
  return { error: { code: ERRORS.internal.jsonRpc, message } };
}
