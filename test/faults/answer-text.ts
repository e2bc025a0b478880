import { isObject, type JsonObject } from '#shared/mcp/json-rpc.js';

/** What an answer to `tools/call` says to the person: the text of its result, or the message of its error. */
export function answerText({ result, error }: JsonObject): string {
  const content: unknown = isObject(result) ? result['content'] : undefined;
  if (Array.isArray(content) && isObject(content[0])) return String(content[0]['text']);
  return isObject(error) ? String(error['message']) : 'no result and no error';
}
