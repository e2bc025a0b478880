import type { IncomingMessage } from 'node:http';
import { CodedError, errorText } from '#shared/errors.js';
import { lowerResult } from '#shared/mcp/eras.js';
import { isObject, type JsonObject, type RequestId } from '#shared/mcp/json-rpc.js';
import type { Call } from './call.js';
import { parseExactly } from '#shared/mcp/exact-json.js';
import { foreignAnswer, outcomeUnknown } from './network-faults.js';
import { messagesOf, oneLine } from './reply.js';

/** After the answer, the rest of the stream is read so that the connection can be used again, but not for ever. */
const TAIL = 2_000;

/** One request to the control plane and the call that it is made for. */
export interface Exchange {
  readonly call: Call;
  /** The id that the request has at the control plane; the call's own, save in later rounds. */
  readonly id: RequestId;
  readonly origin: string;
  /** Sees the result before it is passed on. */
  readonly learn: (result: JsonObject) => void;
}

/**
 * Passes the answer of the control plane on, message by message. Resolves with an `input_required` result for a legacy
 * app, which is not answered by it. Throws CodedError where the answer does not come: network, outcome_unknown,
 * upstream_invalid or what the HTTP status says.
 */
export async function relay(response: IncomingMessage, exchange: Exchange): Promise<JsonObject | undefined> {
  const { call, origin } = exchange;
  let tail: NodeJS.Timeout | undefined;
  let asked: JsonObject | undefined;
  const over = (): boolean => call.over || asked !== undefined;
  try {
    for await (const text of messagesOf(response, origin)) {
      if (!over()) asked = await pass(text, response, exchange);
      if (over()) tail ??= setTimeout(() => response.destroy(), TAIL).unref();
    }
  } catch (error) {
    if (over()) return asked;
    throw error instanceof CodedError ? error : outcomeUnknown(errorText(error));
  } finally {
    clearTimeout(tail);
  }
  if (!over()) throw outcomeUnknown('the answer ended early');
  return asked;
}

async function pass(
  text: string,
  response: IncomingMessage,
  { call, id, origin, learn }: Exchange,
): Promise<JsonObject | undefined> {
  const status = response.statusCode ?? 0;
  const message = parsed(text);
  if (message === undefined) {
    throw status === 200 ? new CodedError('upstream_invalid') : foreignAnswer(origin, status);
  }
  if (isError(message)) {
    await call.answer(message['id'] === call.id ? oneLine(text) : JSON.stringify({ ...message, id: call.id }));
  } else if (isObject(message['result']) && message['id'] === id) {
    learn(message['result']);
    if (call.era === 'modern') await call.answer(oneLine(text));
    else if (message['result']['resultType'] === 'input_required') return exactResult(text);
    else await call.answer(JSON.stringify({ jsonrpc: '2.0', id: call.id, result: lowerResult(exactResult(text)) }));
  } else if (typeof message['method'] === 'string' && !('id' in message)) {
    await call.notify(oneLine(text));
  }
  return undefined;
}

function parsed(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) && value['jsonrpc'] === '2.0' ? value : undefined;
  } catch {
    return undefined;
  }
}

/** The one call of this exchange is what an error is about, whether or not the sender could tell its id. */
function isError(message: JsonObject): boolean {
  return isObject(message['error']) && !('method' in message);
}

function exactResult(text: string): JsonObject {
  return (parseExactly(text) as { result: JsonObject }).result;
}
