/** JSON-RPC 2.0 as MCP uses it: one message at a time, ids are strings or numbers, never null. */
export type RequestId = string | number;

export interface JsonRpcRequest {
  readonly jsonrpc: '2.0';
  readonly id: RequestId;
  readonly method: string;
  readonly params?: JsonObject;
}

export interface JsonRpcNotification {
  readonly jsonrpc: '2.0';
  readonly method: string;
  readonly params?: JsonObject;
}

export type JsonObject = { readonly [key: string]: unknown };

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A text of a message, or none. `String` would throw for an object that brings its own `toString`, and for a raw number. */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
