import type { IncomingMessage } from 'node:http';
import { CodedError } from '#shared/errors.js';
import { JSON_TYPE, STREAM_TYPE } from '#shared/mcp/headers.js';
import { foreignAnswer } from './network-faults.js';
import { SseReader } from './sse.js';

/** The largest single message that is passed on. */
const MAX_MESSAGE = 64 * 1024 * 1024;

/**
 * The texts of the JSON-RPC messages in an answer, as they arrive. Throws `upstream_invalid` for a message over the
 * limit, `network` for an answer that is not MCP, and the socket's error where the connection breaks.
 */
export async function* messagesOf(response: IncomingMessage, origin: string): AsyncGenerator<string> {
  const type = response.headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase();
  if (type === JSON_TYPE) {
    yield await wholeText(response);
    return;
  }
  if (type !== STREAM_TYPE) {
    response.destroy();
    throw foreignAnswer(origin, response.statusCode ?? 0);
  }
  const reader = new SseReader(MAX_MESSAGE);
  for await (const chunk of response) yield* reader.push(chunk as Buffer);
}

/** The body as text, up to the limit. */
async function wholeText(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of response) {
    const bytes = chunk as Buffer;
    length += bytes.length;
    if (length > MAX_MESSAGE) {
      throw new CodedError('upstream_invalid', { message: 'The answer is larger than the bridge can pass on.' });
    }
    chunks.push(bytes);
  }
  return Buffer.concat(chunks).toString();
}

/** Valid JSON has line breaks between its tokens only, never inside a string (RFC 8259 §7). */
export function oneLine(text: string): string {
  return /[\r\n]/.test(text) ? text.replaceAll(/[\r\n]+/g, ' ') : text;
}
