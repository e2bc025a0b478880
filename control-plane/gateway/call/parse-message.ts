import { CodedError } from '#shared/errors.js';
import { batchFault } from '#shared/mcp/batch.js';
import { parseExactly } from '#shared/mcp/exact-json.js';
import type { JsonObject, JsonRpcNotification, JsonRpcRequest, RequestId } from '#shared/mcp/json-rpc.js';
import { isObject } from '#shared/mcp/json-rpc.js';
import { deeperThan } from '#shared/mcp/nesting.js';
import { overLimit, type Limits } from '../../config/limits.js';
import { lookAlikeKey } from './look-alike-keys.js';
import { MessageFault } from './message-fault.js';

const MAX_ID = 256;
const MAX_METHOD = 128;
const LOOK_ALIKE = 'A key differs from one of MCP in case or in invisible characters only. Spell it as MCP does.';

export type ParsedMessage =
  | { readonly kind: 'request'; readonly message: JsonRpcRequest }
  | { readonly kind: 'notification'; readonly message: JsonRpcNotification }
  | { readonly kind: 'response'; readonly message: JsonObject };

export type ParsedBody = ParsedMessage | { readonly kind: 'batch'; readonly messages: readonly ParsedMessage[] };

/** One JSON-RPC message from its bytes, or the messages of a batch. Throws `request_unparsable` or `request_invalid`. */
export function parseBody(
  bytes: Buffer,
  { nesting, batchMessages }: Pick<Limits, 'nesting' | 'batchMessages'>,
): ParsedBody {
  const value = parseJson(bytes, nesting);
  if (!Array.isArray(value)) return messageOf(value);
  if (value.length > batchMessages) {
    const what = `The batch has more than ${batchMessages} messages`;
    throw overLimit('request_invalid', 'batchMessages', what, 'Send fewer at once.');
  }
  const fault = batchFault(value);
  if (fault !== undefined) throw invalid(fault);
  return { kind: 'batch', messages: membersOf(value) };
}

/** A batch is refused as a whole, so its error is not under the id of one member. */
function membersOf(values: readonly unknown[]): ParsedMessage[] {
  try {
    return values.map(messageOf);
  } catch (error) {
    throw invalid(error instanceof MessageFault ? error.message : undefined);
  }
}

function messageOf(value: unknown): ParsedMessage {
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
  if (deeperThan(text, nesting)) {
    const what = `The message is nested deeper than ${nesting} levels`;
    throw overLimit('request_invalid', 'nesting', what, 'Send flatter arguments.');
  }
  try {
    return parseExactly(text);
  } catch {
    throw new CodedError('request_unparsable');
  }
}

function isRequestId(id: unknown): id is RequestId {
  return typeof id === 'string' ? id.length <= MAX_ID : typeof id === 'number' && Number.isFinite(id);
}

function invalid(message?: string, id?: RequestId): MessageFault {
  return new MessageFault('request_invalid', { id, ...(message === undefined ? {} : { message }) });
}
