import { randomUUID } from 'node:crypto';
import { isObject, type JsonObject, type JsonRpcRequest } from '#shared/mcp/json-rpc.js';
import type { Link } from './control-plane-link.js';
import type { ParameterBook } from './parameter-book.js';
import { messagesOf } from './reply.js';
import { postSigned } from './signed-request.js';

/** Milliseconds. */
const TIMEOUT = 30_000;
const MAX_PAGES = 64;

/**
 * Lists tools, page by page, until the one that the call names has been seen: what a client does when a call is refused
 * for its headers (MCP 2026-07-28, streamable HTTP, Client Behavior). Throws what `postSigned` and `messagesOf` throw.
 */
export async function learnTool(
  link: Link,
  call: JsonRpcRequest,
  parameters: ParameterBook,
  signal: AbortSignal,
): Promise<void> {
  const until = AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT)]);
  let cursor: unknown;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const result = await ask(link, pageRequest(call, cursor), until);
    parameters.learn(result);
    cursor = result['nextCursor'];
    if (typeof cursor !== 'string' || names(result, call.params?.['name'])) return;
  }
}

/** Under the envelope of the call; its progress token is not the list's. */
function pageRequest({ params }: JsonRpcRequest, cursor: unknown): JsonRpcRequest {
  const { progressToken: _token, ...envelope } = isObject(params?.['_meta']) ? params['_meta'] : {};
  const from = cursor === undefined ? {} : { cursor };
  return { jsonrpc: '2.0', id: randomUUID(), method: 'tools/list', params: { ...from, _meta: envelope } };
}

/** The result; empty where there is none. */
async function ask(link: Link, request: JsonRpcRequest, signal: AbortSignal): Promise<JsonObject> {
  const response = await postSigned(link, request, JSON.stringify(request), signal);
  if (response === undefined) return {};
  for await (const text of messagesOf(response, link.session.origin)) {
    const message: unknown = JSON.parse(text);
    if (isObject(message) && message['id'] === request.id && isObject(message['result'])) return message['result'];
  }
  return {};
}

function names({ tools }: JsonObject, name: unknown): boolean {
  return Array.isArray(tools) && tools.some((tool) => isObject(tool) && tool['name'] === name);
}
