import type { CodedError } from '#shared/errors.js';
import type { JsonObject, RequestId } from '#shared/mcp/json-rpc.js';
import type { Era } from '#shared/mcp/meta.js';

/** Text of a JSON-RPC success. `extra` members are added for modern clients only. */
export function success(id: RequestId, era: Era, result: JsonObject, extra: JsonObject = {}): string {
  const modern = era === 'modern' ? { resultType: 'complete', ...extra } : {};
  return JSON.stringify({ jsonrpc: '2.0', id, result: { ...modern, ...result } });
}

/** Text of a JSON-RPC error; `id` is null where the request's own can't be known. */
export function failure(id: RequestId | null, error: CodedError, data?: JsonObject): string {
  const body = { code: error.form.jsonRpc, message: error.message, ...(data === undefined ? {} : { data }) };
  return JSON.stringify({ jsonrpc: '2.0', id, error: body });
}

/** A tool's answer in one sentence; with `isError` it failed, and model and person both see why. */
export function toolText(id: RequestId, era: Era, text: string, isError: boolean): string {
  return success(id, era, { content: [{ type: 'text', text }], ...(isError ? { isError } : {}) });
}
