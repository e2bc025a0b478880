import { CodedError } from '#shared/errors.js';
import { parseExactly } from '#shared/mcp/exact-json.js';
import type { JsonObject, JsonRpcNotification, JsonRpcRequest, RequestId } from '#shared/mcp/json-rpc.js';
import { isObject } from '#shared/mcp/json-rpc.js';
import { overLimit } from '../../config/limits.js';
import { lookAlikeKey } from './look-alike-keys.js';
import { MessageFault } from './message-fault.js';

const MAX_ID = 256;
const MAX_METHOD = 128;
const LOOK_ALIKE = 'A key differs from one of MCP in case or in invisible characters only. Spell it as MCP does.';

export type ParsedMessage =
  | { readonly kind: 'request'; readonly message: JsonRpcRequest }
  | { readonly kind: 'notification'; readonly message: JsonRpcNotification }
  | { readonly kind: 'response'; readonly message: JsonObject };

/** One JSON-RPC message from its bytes. Throws `request_unparsable` or `request_invalid`; batches are refused. */
export function parseMessage(bytes: Buffer, nesting: number): ParsedMessage {
  const value = parseJson(bytes, nesting);
  if (Array.isArray(value)) throw invalid('Send one message at a time: batches are not part of this protocol.');
  if (!isObject(value) || value['jsonrpc'] !== '2.0') throw invalid();
  if (value['method'] === undefined && ('result' in value || 'error' in value))
    return { kind: 'response', message: value };
  const { method, params, id } = value;
  const known = isRequestId(id) ? id : undefined;
  if (lookAlikeKey(value) !== undefined) throw invalid(LOOK_ALIKE, known);
  if (typeof method !== 'string' || method === '' || method.length > MAX_METHOD) throw invalid(undefined, known);
  if (params !== undefined && !isObject(params)) throw invalid('`params` must be an object.', known);
  const message = { ...value, jsonrpc: '2.0' as const, method, ...(params ? { params } : {}) };
  if (!('id' in value)) return { kind: 'notification', message };
  if (known === undefined) throw invalid('`id` must be a string or a number.');
  return { kind: 'request', message: { ...message, id: known } };
}

function parseJson(bytes: Buffer, nesting: number): unknown {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new CodedError('request_unparsable', { message: 'The request is not UTF-8.' });
  }
  if (deeperThan(bytes, nesting)) {
    const what = `The message is nested deeper than ${nesting} levels`;
    throw overLimit('request_invalid', 'nesting', what, 'Send flatter arguments.');
  }
  try {
    return parseExactly(text);
  } catch {
    throw new CodedError('request_unparsable');
  }
}

/** Brackets are counted before anything recursive sees the message. */
function deeperThan(bytes: Buffer, limit: number): boolean {
  let depth = 0;
  let inString = false;
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at];
    if (inString) {
      if (byte === 0x5c) at += 1;
      else if (byte === 0x22) inString = false;
    } else if (byte === 0x22) inString = true;
    else if (byte === 0x7b || byte === 0x5b) {
      depth += 1;
      if (depth > limit) return true;
    } else if (byte === 0x7d || byte === 0x5d) depth -= 1;
  }
  return false;
}

function isRequestId(id: unknown): id is RequestId {
  return typeof id === 'string' ? id.length <= MAX_ID : typeof id === 'number' && Number.isFinite(id);
}

function invalid(message?: string, id?: RequestId): MessageFault {
  return new MessageFault('request_invalid', { id, ...(message === undefined ? {} : { message }) });
}
