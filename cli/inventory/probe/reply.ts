import { isObject, type JsonObject } from '#shared/mcp/json-rpc.js';
import type { Answer } from './ask.js';

/** What an answer of HTTP says of the server behind it. */
export type Reply =
  | { readonly kind: 'result'; readonly result: JsonObject }
  | { readonly kind: 'error' }
  | { readonly kind: 'login'; readonly isMcp: boolean; readonly resourceMetadata: string | null }
  | { readonly kind: 'other' };

/** Reads the answer to the JSON-RPC request of this id. */
export function readReply(answer: Answer, id: number): Reply {
  const message = messagesIn(answer.text).findLast((one) => one['id'] === id || (one['id'] ?? null) === null);
  if (answer.status === 401 || (answer.status === 403 && answer.headers['www-authenticate'] !== undefined)) {
    return { kind: 'login', ...challengeOf(answer, message !== undefined) };
  }
  if (!message) return { kind: 'other' };
  if (answer.status < 300 && isObject(message['result'])) return { kind: 'result', result: message['result'] };
  return { kind: 'error' };
}

/** JSON-RPC messages of a body: one document, a batch, or the events of a stream, some of which are empty. */
export function messagesIn(text: string): JsonObject[] {
  const direct = parse(text.trim());
  const found = direct === undefined ? eventsIn(text).map(({ data }) => parse(data)) : [direct];
  return found.flat().filter((value) => isObject(value) && value['jsonrpc'] === '2.0') as JsonObject[];
}

export interface StreamEvent {
  readonly event: string;
  readonly data: string;
}

/** The whole events of a stream (WHATWG HTML, “Server-sent events”); one that is cut off is left out. */
export function eventsIn(text: string): StreamEvent[] {
  const blocks = text.replaceAll(/\r\n?/g, '\n').split('\n\n').slice(0, -1);
  return blocks.map((block) => {
    const fields = block.split('\n').map((line) => /^(\w+): ?(.*)$/s.exec(line) ?? []);
    const valuesOf = (name: string): string[] =>
      fields.flatMap(([, field, value = '']) => (field === name ? [value] : []));
    return { event: valuesOf('event').at(-1) ?? 'message', data: valuesOf('data').join('\n') };
  });
}

function challengeOf({ headers }: Answer, speaksJsonRpc: boolean): { isMcp: boolean; resourceMetadata: string | null } {
  const challenge = headers['www-authenticate'] ?? '';
  const [, metadata] = /resource_metadata="([^"\\]{1,2000})"/i.exec(challenge) ?? [];
  const isAddress = metadata !== undefined && URL.canParse(metadata);
  return {
    isMcp: speaksJsonRpc || isAddress || /^\s*(?:bearer|dpop)\b/i.test(challenge),
    resourceMetadata: isAddress ? metadata : null,
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
