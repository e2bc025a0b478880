import type { IncomingMessage } from 'node:http';
import { CodedError, errorText } from '#shared/errors.js';
import { lowerResult } from '#shared/mcp/eras.js';
import { isObject, type JsonObject, type RequestId } from '#shared/mcp/json-rpc.js';
import type { Call } from './call.js';
import { parseExactly } from '#shared/mcp/exact-json.js';
import { foreignAnswer, isBusy, isHeaderMismatch, outcomeUnknown } from './network-faults.js';
import { messagesOf, oneLine } from './reply.js';

/** After the answer, the rest of the stream is read so that the connection can be used again, but not for ever. */
const TAIL = 2_000;

/** One request to the control plane and the call that it is made for. */
export interface Exchange {
  readonly call: Call;
  /** The id that the request has at the control plane; the call's own, save in later rounds. */
  readonly id: RequestId;
  readonly origin: string;
  /** The request waits for somebody, and does no harm when it is sent again. */
  readonly held: boolean;
  /** Sees the result before it is passed on. */
  readonly learn: (result: JsonObject) => void;
}

/** What an exchange may end with in place of the answer to its call. */
export type Unanswered =
  /** The control plane has done nothing with the request, as `answer` says, and may take it a moment later. */
  | { readonly why: 'busy'; readonly answer: string }
  /** It did nothing either, because headers are missing or contradict the arguments. */
  | { readonly why: 'headers'; readonly answer: string }
  /** The server asks a legacy app: `result` is `input_required`. */
  | { readonly why: 'asked'; readonly result: JsonObject };

/**
 * Passes the answer of the control plane on, message by message; resolves with what is not passed on. Throws CodedError
 * where nothing that ends the exchange comes: network, outcome_unknown, upstream_invalid or what the HTTP status says.
 */
export async function relay(response: IncomingMessage, exchange: Exchange): Promise<Unanswered | undefined> {
  const { call, origin } = exchange;
  let unanswered: Unanswered | undefined;
  let tail: NodeJS.Timeout | undefined;
  const over = (): boolean => call.over || unanswered !== undefined;
  try {
    for await (const text of messagesOf(response, origin)) {
      if (!over()) unanswered = await pass(text, response, exchange);
      if (over()) tail ??= setTimeout(() => response.destroy(), TAIL).unref();
    }
  } catch (error) {
    if (over()) return unanswered;
    throw error instanceof CodedError ? error : outcomeUnknown(errorText(error));
  } finally {
    clearTimeout(tail);
  }
  if (!over()) throw outcomeUnknown('the answer ended early');
  return unanswered;
}

async function pass(
  text: string,
  response: IncomingMessage,
  { call, id, origin, held, learn }: Exchange,
): Promise<Unanswered | undefined> {
  const status = response.statusCode ?? 0;
  const message = parsed(text);
  if (message === undefined) {
    throw status === 200 ? new CodedError('upstream_invalid') : foreignAnswer(origin, status);
  }
  if (isError(message)) {
    const answer = message['id'] === call.id ? oneLine(text) : JSON.stringify({ ...message, id: call.id });
    if (isBusy(held ? 503 : status, message)) return { why: 'busy', answer };
    if (isHeaderMismatch(status, message)) return { why: 'headers', answer };
    await call.answer(answer);
  } else if (isObject(message['result']) && message['id'] === id) {
    learn(message['result']);
    if (call.era === 'modern') await call.answer(oneLine(text));
    else if (message['result']['resultType'] === 'input_required') return { why: 'asked', result: exactResult(text) };
    else
      await call.answer(
        JSON.stringify({ jsonrpc: '2.0', id: call.id, result: lowerResult(call.request.method, exactResult(text)) }),
      );
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
