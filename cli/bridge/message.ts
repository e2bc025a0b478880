import { CodedError } from '#shared/errors.js';
import { parseExactly } from '#shared/mcp/exact-json.js';
import {
  isObject,
  type JsonObject,
  type JsonRpcNotification,
  type JsonRpcRequest,
  type RequestId,
} from '#shared/mcp/json-rpc.js';
import { deeperThan, MAX_NESTING } from '#shared/mcp/nesting.js';
import type { Frame } from './frames.js';

const TOO_DEEP = `The message is nested deeper than ${MAX_NESTING} levels. Send flatter arguments.`;

/** What a line of the app says. Numbers of a response keep their text, because it is passed on in another message. */
export type Read =
  | { readonly kind: 'request'; readonly message: JsonRpcRequest; readonly text: string }
  | { readonly kind: 'notification'; readonly message: JsonRpcNotification; readonly text: string }
  | { readonly kind: 'response'; readonly message: JsonObject }
  | { readonly kind: 'ignored' }
  | { readonly kind: 'fault'; readonly id: RequestId | null; readonly error: CodedError };

export function readMessage(frame: Frame): Read {
  if (frame.kind === 'too_long') return fault(new CodedError('request_too_large'));
  if (frame.kind === 'not_utf8') return fault(new CodedError('request_unparsable'));
  let value: unknown;
  try {
    value = JSON.parse(frame.text);
  } catch {
    return fault(new CodedError('request_unparsable'));
  }
  if (deeperThan(frame.text, MAX_NESTING))
    return fault(new CodedError('request_invalid', { message: TOO_DEEP }), idOf(value));
  if (Array.isArray(value)) {
    return fault(new CodedError('request_invalid', { message: 'Batches are not accepted: send one message a line.' }));
  }
  if (!isObject(value) || value['jsonrpc'] !== '2.0') return fault(new CodedError('request_invalid'), idOf(value));
  return typeof value['method'] === 'string' ? classified(value, frame.text) : responseOrFault(value, frame.text);
}

function classified(value: JsonObject, text: string): Read {
  const id = idOf(value);
  if ('id' in value && id === null) return fault(new CodedError('request_invalid'));
  if ('params' in value && !isObject(value['params'])) {
    return id === null ? { kind: 'ignored' } : fault(new CodedError('params_invalid'), id);
  }
  return id === null
    ? { kind: 'notification', message: value as unknown as JsonRpcNotification, text }
    : { kind: 'request', message: value as unknown as JsonRpcRequest, text };
}

function responseOrFault(value: JsonObject, text: string): Read {
  return 'result' in value || 'error' in value
    ? { kind: 'response', message: parseExactly(text) as JsonObject }
    : fault(new CodedError('request_invalid'), idOf(value));
}

function idOf(value: unknown): RequestId | null {
  const id = isObject(value) ? value['id'] : undefined;
  return typeof id === 'string' || isExact(id) ? id : null;
}

/** Under a larger number than these, which is rounded, an answer would come back to another request or to none. */
function isExact(id: unknown): id is number {
  return typeof id === 'number' && Math.abs(id) <= Number.MAX_SAFE_INTEGER;
}

function fault(error: CodedError, id: RequestId | null = null): Read {
  return { kind: 'fault', id, error };
}
