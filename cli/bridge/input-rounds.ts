import { randomUUID } from 'node:crypto';
import { CodedError } from '#shared/errors.js';
import { offers } from '#shared/mcp/client-capabilities.js';
import { isObject, type JsonObject, type JsonRpcRequest } from '#shared/mcp/json-rpc.js';
import type { Questions } from './questions.js';

/** A server that still asks after this many rounds never comes to an end. */
export const MAX_ROUNDS = 10;

/**
 * Puts the questions of an `input_required` result to a legacy app (MCP 2026-07-28, basic/patterns/mrtr), all at once,
 * and resolves with the request to send next. Throws CodedError `question_unanswered`.
 */
export async function nextRound(
  request: JsonRpcRequest,
  asked: JsonObject,
  { questions, capabilities, signal }: { questions: Questions; capabilities: JsonObject; signal: AbortSignal },
): Promise<JsonRpcRequest> {
  const inputRequests = isObject(asked['inputRequests']) ? asked['inputRequests'] : {};
  const open = Object.entries(inputRequests).map(([key, value]) => [key, checked(value, capabilities)] as const);
  const failed = new AbortController();
  const either = AbortSignal.any([signal, failed.signal]);
  try {
    const answers = await Promise.all(
      open.map(async ([key, { method, params }]) => [key, await questions.ask(method, params, either)] as const),
    );
    return again(request, Object.fromEntries(answers), asked['requestState']);
  } finally {
    failed.abort();
  }
}

/** The same request under a new id, with the answers and the state, byte for byte. */
export function again(request: JsonRpcRequest, inputResponses: JsonObject, requestState: unknown): JsonRpcRequest {
  const { inputResponses: _before, requestState: _stale, ...params } = request.params ?? {};
  const state = typeof requestState === 'string' ? { requestState } : {};
  return { ...request, id: randomUUID(), params: { ...params, inputResponses, ...state } };
}

function checked(question: unknown, capabilities: JsonObject): { method: string; params: JsonObject } {
  const { method, params } = isObject(question) ? question : {};
  if (typeof method !== 'string' || !offers(capabilities, { method, params })) {
    const message = 'The MCP server asks for input that this AI app cannot be asked for. The call was not completed.';
    throw new CodedError('question_unanswered', { message });
  }
  return { method, params: forApp(isObject(params) ? params : {}) };
}

/** An address to open has an id in 2025-11-25, which servers of 2026-07-28 do not give. */
export function forApp(params: JsonObject): JsonObject {
  return params['mode'] === 'url' && !('elicitationId' in params) ? { ...params, elicitationId: randomUUID() } : params;
}
