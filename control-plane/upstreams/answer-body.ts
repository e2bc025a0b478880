import { CodedError } from '#shared/errors.js';
import type { JsonObject } from '#shared/mcp/json-rpc.js';
import { isObject } from '#shared/mcp/json-rpc.js';
import { deeperThan, MAX_NESTING } from '#shared/mcp/nesting.js';
import { EventStreamReader } from './event-stream.js';
import type { BodyConsumer, ResponseBody } from './exchange.js';

/** Reads a body whole, up to `limit` bytes; a larger one is `upstream_invalid`, or cut where `cut` is set. */
export function readWhole(body: ResponseBody, limit: number, cut = false): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  const chunks: Buffer[] = [];
  let size = 0;
  body.read({
    data(chunk) {
      size += chunk.length;
      chunks.push(chunk);
      if (size <= limit) return true;
      if (cut) resolve(Buffer.concat(chunks).subarray(0, limit));
      else reject(new AnswerTooLarge(limit));
      body.abort(new AnswerTooLarge(limit));
      return true;
    },
    end: () => resolve(Buffer.concat(chunks)),
    failed: reject,
  });
  return promise;
}

/** The response (result or error) of an event stream, up to `limit` bytes in all; what comes after it is not awaited. A request of the server before it goes to `onRequest`. */
export function readResponseEvent(
  body: ResponseBody,
  limit: number,
  onRequest: (message: JsonObject) => void = () => undefined,
): Promise<JsonObject> {
  const { promise, resolve, reject } = Promise.withResolvers<JsonObject>();
  let data: Buffer[] = [];
  let size = 0;
  const reader = new EventStreamReader({
    data: (chunk) => data.push(chunk),
    comment: () => undefined,
    event() {
      const message = parseMessage(Buffer.concat(data));
      data = [];
      if (message === undefined) return;
      if ('method' in message) {
        if ('id' in message) onRequest(message);
        return;
      }
      resolve(message);
      body.abort(new CodedError('interrupted'));
    },
  });
  const consumer: BodyConsumer = {
    data(chunk) {
      size += chunk.length;
      if (size > limit) {
        reject(new AnswerTooLarge(limit));
        body.abort(new AnswerTooLarge(limit));
      } else {
        reader.write(chunk);
      }
      return true;
    },
    end: () => reject(new CodedError('upstream_invalid', { detail: 'the event stream ended without a response' })),
    failed: reject,
  };
  body.read(consumer);
  return promise;
}

/** One JSON-RPC message, or undefined where the bytes are none, or one that is nested deeper than can be written again. */
export function parseMessage(bytes: Buffer, nesting: number = MAX_NESTING): JsonObject | undefined {
  const text = bytes.toString();
  if (nesting !== Number.POSITIVE_INFINITY && deeperThan(text, nesting)) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    if (!isObject(value) || value['jsonrpc'] !== '2.0') return undefined;
    return 'method' in value && typeof value['method'] !== 'string' ? undefined : value;
  } catch {
    return undefined;
  }
}

/** Lets the rest of a body go, so that the connection can serve the next request; a long rest is cut off. */
export function discard(body: ResponseBody): void {
  readWhole(body, 64 * 1024, true).catch(() => undefined);
}

/** An answer that is read whole and is larger than its limit. */
export class AnswerTooLarge extends CodedError {
  constructor(readonly limit: number) {
    super('upstream_invalid', { message: `The answer of the MCP server is larger than ${limit} bytes.` });
  }
}
