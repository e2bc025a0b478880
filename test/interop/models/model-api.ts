import type { JsonObject } from '#shared/mcp/json-rpc.js';

export interface Tool {
  readonly name: string;
  /** The group that the app has put it in. */
  readonly namespace?: string;
}

/** One request of an app to its model. */
export interface Turn {
  readonly tools: readonly Tool[];
  /** The result of the tool that was called, as JSON text; undefined where none was called yet. */
  readonly result: string | undefined;
}

/** How one vendor's models are asked and answer: as the events of a stream. */
export interface ModelApi {
  readonly path: RegExp;
  read(body: JsonObject): Turn;
  call(tool: Tool, input: Readonly<Record<string, string>>): readonly object[];
  say(text: string): readonly object[];
}

/** The members of a list that are objects. */
export function objectsIn(value: unknown): JsonObject[] {
  return Array.isArray(value) ? value.filter((one): one is JsonObject => typeof one === 'object' && one !== null) : [];
}
