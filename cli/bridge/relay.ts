import type { IncomingMessage } from 'node:http';
import { CodedError, errorText } from '#shared/errors.js';
import { lowerResult } from '#shared/mcp/eras.js';
import { isObject, type JsonObject } from '#shared/mcp/json-rpc.js';
import type { Call } from './call.js';
import { parseExactly } from '#shared/mcp/exact-json.js';
import { foreignAnswer, isBusy, outcomeUnknown } from './network-faults.js';
import { messagesOf } from './reply.js';

/** After the answer, the rest of the stream is read so that the connection can be used again, but not for ever. */
const TAIL = 2_000;

/**
 * Passes the answer of the control plane on, message by message. Throws CodedError where it ends without the answer
 * to `call`: network, outcome_unknown, upstream_invalid or what the HTTP status says. Resolves to an answer that was not
 * passed on where the control plane has done nothing with the request and may take it a moment later.
 */
export async function relay(response: IncomingMessage, call: Call, origin: string): Promise<string | undefined> {
  let busy: string | undefined;
  let tail: NodeJS.Timeout | undefined;
  try {
    for await (const text of messagesOf(response, origin)) {
      if (!call.over) busy = await pass(text, response, call, origin);
      if (call.over) tail ??= setTimeout(() => response.destroy(), TAIL).unref();
    }
  } catch (error) {
    if (call.over) return undefined;
    throw error instanceof CodedError ? error : outcomeUnknown(errorText(error));
  } finally {
    clearTimeout(tail);
  }
  if (!call.over && busy === undefined) throw outcomeUnknown('the answer ended early');
  return busy;
}

async function pass(text: string, response: IncomingMessage, call: Call, origin: string): Promise<string | undefined> {
  const status = response.statusCode ?? 0;
  const message = parsed(text);
  if (message === undefined) {
    throw status === 200 ? new CodedError('upstream_invalid') : foreignAnswer(origin, status);
  }
  if (isError(message)) {
    const answer = message['id'] === call.id ? oneLine(text) : JSON.stringify({ ...message, id: call.id });
    if (isBusy(status, message)) return answer;
    await call.answer(answer);
  } else if (isObject(message['result']) && message['id'] === call.id) {
    await call.answer(call.era === 'modern' ? oneLine(text) : lowered(text, message['result']));
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

/** Valid JSON has line breaks between its tokens only, never inside a string (RFC 8259 §7). */
function oneLine(text: string): string {
  return /[\r\n]/.test(text) ? text.replaceAll(/[\r\n]+/g, ' ') : text;
}

/** For a legacy client. It has no way to hear a server's question, so a result that asks one is a failure. */
function lowered(text: string, result: JsonObject): string {
  if (result['resultType'] === 'input_required') {
    throw new CodedError('method_unknown', {
      message: 'The MCP server asks for more input, which this AI app cannot be asked for. The call was not completed.',
    });
  }
  const exact = parseExactly(text) as JsonObject;
  return JSON.stringify({ ...exact, result: lowerResult(exact['result'] as JsonObject) });
}
