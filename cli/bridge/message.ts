import { BATCHES_REFUSED, batchFault } from '#shared/mcp/batch.js';
import { CodedError } from '#shared/errors.js';
import { hasEnvelope } from '#shared/mcp/eras.js';
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

/** Messages of one batch. */
const MAX_BATCH = 32;
const TOO_MANY = `The batch has more than ${MAX_BATCH} messages. Send fewer at once.`;
const TOO_DEEP = `The message is nested deeper than ${MAX_NESTING} levels. Send flatter arguments.`;

/** What a line of the app says. Numbers of a response keep their text, because it is passed on in another message. */
export type Read =
  | { readonly kind: 'request'; readonly message: JsonRpcRequest; readonly text: string }
  | { readonly kind: 'notification'; readonly message: JsonRpcNotification; readonly text: string }
  | { readonly kind: 'response'; readonly message: JsonObject }
  | { readonly kind: 'batch'; readonly messages: readonly Read[] }
  | { readonly kind: 'ignored' }
  | { readonly kind: 'fault'; readonly id: RequestId | null; readonly error: CodedError };

/** @param batches whether the app agreed on the revision that has them */
export function readMessage(frame: Frame, batches: boolean): Read {
  if (frame.kind === 'too_long') return fault(new CodedError('request_too_large'));
  if (frame.kind === 'not_utf8') return fault(new CodedError('request_unparsable'));
  const { text } = frame;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return fault(new CodedError('request_unparsable'));
  }
  if (deeperThan(text, MAX_NESTING)) return invalid(TOO_DEEP, idOf(value));
  if (!Array.isArray(value)) return readOne(value, text);
  return batches ? readBatch(value, text) : invalid(BATCHES_REFUSED);
}

/** All of it or nothing: a batch with a fault in it is refused before any of its messages is taken. */
function readBatch(values: readonly unknown[], text: string): Read {
  const wrong = values.length > MAX_BATCH ? TOO_MANY : batchFault(values);
  if (wrong !== undefined) return invalid(wrong);
  const texts = (parseExactly(text) as readonly unknown[]).map((value) => JSON.stringify(value));
  const messages = values.map((value, index) => readOne(value, texts[index]!));
  const faulty = messages.find(({ kind }) => kind === 'fault');
  const modern = messages.some((read) => read.kind === 'request' && hasEnvelope(read.message.params));
  return faulty ?? (modern ? invalid(BATCHES_REFUSED) : { kind: 'batch', messages });
}

function readOne(value: unknown, text: string): Read {
  if (!isObject(value) || value['jsonrpc'] !== '2.0') return fault(new CodedError('request_invalid'), idOf(value));
  return typeof value['method'] === 'string' ? classified(value, text) : responseOrFault(value, text);
}

function invalid(message: string, id?: RequestId | null): Read {
  return fault(new CodedError('request_invalid', { message }), id);
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
