import { CodedError } from '#shared/errors.js';
import { isObject, type JsonObject } from '#shared/mcp/json-rpc.js';
import { deeperThan, MAX_NESTING } from '#shared/mcp/nesting.js';

/**
 * A server's whole message must be one of JSON-RPC as MCP uses it: clients take what is nearly one for an answer to
 * another request, or for none. `understood`: it is worked on here, so it must not be too deep for that.
 * Throws `upstream_invalid`.
 */
export function requireMessage(text: string, understood: boolean): void {
  const fault = faultOf(parsed(text)) ?? (understood && deeperThan(text, MAX_NESTING) ? 'too deep' : undefined);
  if (fault !== undefined) throw new CodedError('upstream_invalid', { detail: `the answer is no message: ${fault}` });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function faultOf(message: unknown): string | undefined {
  if (!isObject(message)) return 'not JSON';
  if (message['jsonrpc'] !== '2.0') return 'no jsonrpc';
  return 'method' in message ? faultOfRequest(message) : faultOfResponse(message);
}

/** Whether a request's id can be answered is seen where it is answered. */
function faultOfRequest(message: JsonObject): string | undefined {
  if (typeof message['method'] !== 'string') return 'method';
  return 'result' in message || 'error' in message ? 'request and response in one' : undefined;
}

/** An error may be without an id: the server could not read it. */
function faultOfResponse({ id, result, error }: JsonObject): string | undefined {
  if ((result === undefined) === (error === undefined)) return 'not one of result and error';
  if (id === undefined ? error === undefined : typeof id !== 'string' && typeof id !== 'number') return 'id';
  if (error === undefined) return isObject(result) ? undefined : 'result';
  const { code, message } = isObject(error) ? error : ({} as JsonObject);
  return Number.isSafeInteger(code) && typeof message === 'string' ? undefined : 'error';
}
