import { randomUUID } from 'node:crypto';
import { CodedError } from '#shared/errors.js';
import { offers } from '#shared/mcp/client-capabilities.js';
import { parseExactly } from '#shared/mcp/exact-json.js';
import type { JsonObject, JsonRpcRequest } from '#shared/mcp/json-rpc.js';
import { isObject } from '#shared/mcp/json-rpc.js';
import type { Identified } from '../call/post.js';
import type { Parts } from '../parts.js';
import type { ClientResponse } from '../relay/client-response.js';
import type { RelayedResponse } from '../relay/relay.js';

const MAX_REQUESTS = 16;

/**
 * Puts a modern server's `inputRequests` to a legacy client as real requests on its stream, and makes the retry with the
 * answers. Throws `upstream_invalid` where the server asks for what the client did not declare.
 */
export async function answeredByClient(
  { clientRequests }: Pick<Parts, 'clientRequests'>,
  { session, client: { capabilities }, call }: Identified,
  message: JsonRpcRequest,
  { rest }: RelayedResponse,
  client: ClientResponse,
): Promise<JsonRpcRequest> {
  const { requests, requestState } = inputOf(rest);
  if (session === undefined || requests.length > MAX_REQUESTS) throw unanswerable();
  if (!requests.every(([, request]) => offers(capabilities, request))) throw unanswerable();
  client.beginEvents();
  const send = (asked: JsonObject): void => client.sendEvent(asked);
  const answers = await Promise.all(
    requests.map(async ([key, request]) => {
      const { result } = await clientRequests.ask(session.sid, legacyForm(request), send, call.signal);
      if (!isObject(result)) throw declined();
      return [key, result] as const;
    }),
  );
  const state = requestState === undefined ? {} : { requestState };
  return { ...message, params: { ...message.params, inputResponses: Object.fromEntries(answers), ...state } };
}

function inputOf(rest: Buffer): { requests: [string, JsonObject][]; requestState: unknown } {
  const message = parseExactly(rest.toString());
  const result = isObject(message) ? message['result'] : undefined;
  const { inputRequests, requestState } = isObject(result) ? result : {};
  const requests = Object.entries(isObject(inputRequests) ? inputRequests : {});
  if (!requests.every((entry): entry is [string, JsonObject] => isObject(entry[1]))) throw unanswerable();
  return { requests, requestState };
}

/** 2025-11-25 names each address that a person is sent to; 2026-07-28 does not. */
function legacyForm({ method, params }: JsonObject): JsonObject {
  const asked = isObject(params) ? params : {};
  const byUrl = method === 'elicitation/create' && asked['mode'] === 'url' && asked['elicitationId'] === undefined;
  const named = byUrl ? { ...asked, elicitationId: randomUUID() } : asked;
  return { jsonrpc: '2.0', method, params: named };
}

function unanswerable(): CodedError {
  return new CodedError('upstream_invalid', {
    message: 'The MCP server asks for something that this app does not offer. The call was not completed.',
  });
}

function declined(): CodedError {
  return new CodedError('request_invalid', {
    message: 'The app answered a question of the MCP server with an error, so the call was given up.',
  });
}
