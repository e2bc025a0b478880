import { isObject, type JsonObject } from '#shared/mcp/json-rpc.js';

/** One request that carried a call, and every message that came as its answer, in order. */
export interface HeardRequest {
  readonly id: string;
  readonly heard: JsonObject[];
}

/** The one tool of the upstreams. */
export const TOOL = 'stream';

/** A call of the load, under a name that no other call has. */
export interface StreamedCall {
  readonly name: string;
  readonly server: string;
  /** Progress notifications before its result. */
  readonly steps: number;
  /** Whether the server asks for a word halfway. */
  readonly asks: boolean;
  /** Bytes that each message of the server is larger than it needs to be. */
  readonly padding?: number;
  /** One, and one more for each question that a modern client has answered. */
  readonly requests: HeardRequest[];
  /** What went wrong below MCP, in words. */
  broken?: string;
}

/** Parameters of its `tools/call`: the tool is the same for all, name and progress token are those of the call. */
export function paramsOf({ name, steps, asks, padding }: StreamedCall, toolName: string): JsonObject {
  return { name: toolName, arguments: { name, steps, asks, padding }, _meta: { progressToken: name } };
}

/** The result of an `elicitation/create`: the word is what the question says, which is the name of its call. */
export function wordFor(question: unknown): JsonObject {
  const params = isObject(question) ? question['params'] : undefined;
  return { action: 'accept', content: { word: isObject(params) ? params['message'] : undefined } };
}

/** The response among what a request heard, or undefined while there is none. */
export function responseOf({ heard }: HeardRequest): JsonObject | undefined {
  return heard.find((message) => message['method'] === undefined);
}

/** Whether the call came back with its own result. */
export function isDone(call: StreamedCall): boolean {
  const last = call.requests.at(-1);
  return textOf(last && responseOf(last)) === wantedText(call);
}

export function wantedText({ name, asks }: StreamedCall): string {
  return asks ? `done ${name} ${name}` : `done ${name}`;
}

/** The text of a result. */
export function textOf(response: JsonObject | undefined): unknown {
  const result = response?.['result'];
  const content: unknown = isObject(result) ? result['content'] : undefined;
  return Array.isArray(content) && isObject(content[0]) ? content[0]['text'] : undefined;
}

/** Who answered: the upstream's session, stream or process, where it has any. */
export function homeOf(response: JsonObject | undefined): string | undefined {
  const result = response?.['result'];
  const meta = isObject(result) ? result['_meta'] : undefined;
  const home = isObject(meta) ? meta['load/home'] : undefined;
  return typeof home === 'string' ? home : undefined;
}
