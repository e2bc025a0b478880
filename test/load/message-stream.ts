import { STREAM_TYPE } from '#shared/mcp/headers.js';
import type { JsonObject } from '#shared/mcp/json-rpc.js';

const DATA = 'data: ';

/** The JSON-RPC messages of an HTTP answer as they come, to its very end. Rejects where the connection breaks. */
export async function* messagesIn(
  body: AsyncIterable<Uint8Array>,
  contentType: string | string[] | undefined,
): AsyncGenerator<JsonObject> {
  const events = contentType === STREAM_TYPE;
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of body) {
    text += decoder.decode(chunk, { stream: true });
    const lines = events ? text.split('\n') : [text];
    text = lines.pop() ?? '';
    for (const line of lines) if (line.startsWith(DATA)) yield JSON.parse(line.slice(DATA.length)) as JsonObject;
  }
  if (!events && text !== '') yield JSON.parse(text) as JsonObject;
}
