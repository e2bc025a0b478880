import type { JsonObject } from './json-rpc.js';
import { isObject } from './json-rpc.js';
import { META, MODERN_VERSION } from './meta.js';

/** Names of the request headers of streamable HTTP, lower-case as Node delivers them. */
export const HEADERS = {
  protocolVersion: 'mcp-protocol-version',
  method: 'mcp-method',
  name: 'mcp-name',
  paramPrefix: 'mcp-param-',
  session: 'mcp-session-id',
} as const;

export const STREAM_TYPE = 'text/event-stream';
export const JSON_TYPE = 'application/json';

const SENTINEL_START = '=?base64?';
const SENTINEL_END = '?=';
const PLAIN = /^[\t\x20-\x7e]+$/;

/** The last three are the extension `io.modelcontextprotocol/tasks` (SEP-2663). */
const NAME_KEYS = new Map<string, 'name' | 'uri' | 'taskId'>([
  ['tools/call', 'name'],
  ['prompts/get', 'name'],
  ['resources/read', 'uri'],
  ['tasks/get', 'taskId'],
  ['tasks/update', 'taskId'],
  ['tasks/cancel', 'taskId'],
]);

interface Named {
  readonly method: string;
  readonly params?: JsonObject;
}

/** A value fit for a header line; what is not plain ASCII travels as `=?base64?…?=` (streamable HTTP, Value Encoding). */
export function encodeHeaderValue(value: string): string {
  const plain = PLAIN.test(value) && value === value.trim() && !isSentinel(value);
  return plain ? value : `${SENTINEL_START}${Buffer.from(value).toString('base64')}${SENTINEL_END}`;
}

/** The value behind a header line; undefined where the encoding is broken. */
export function decodeHeaderValue(line: string): string | undefined {
  if (!isSentinel(line)) return PLAIN.test(line) ? line : undefined;
  const encoded = line.slice(SENTINEL_START.length, -SENTINEL_END.length);
  const bytes = Buffer.from(encoded, 'base64');
  if (bytes.toString('base64') !== encoded) return undefined;
  return bytes.toString();
}

/** What `Mcp-Name` mirrors: the tool, prompt, URI or task of the methods that name one. */
function nameOf(message: Named): string | undefined {
  const key = nameKey(message.method);
  const value = key === undefined ? undefined : message.params?.[key];
  return typeof value === 'string' ? value : undefined;
}

/** Where the target's name is kept in `params`. */
export function nameKey(method: string): 'name' | 'uri' | 'taskId' | undefined {
  return NAME_KEYS.get(method);
}

/** Headers of one modern POST, mirrored from its body. */
export function modernHeaders(message: Named): Record<string, string> {
  const name = nameOf(message);
  return {
    'content-type': JSON_TYPE,
    accept: `${JSON_TYPE}, ${STREAM_TYPE}`,
    [HEADERS.protocolVersion]: MODERN_VERSION,
    [HEADERS.method]: encodeHeaderValue(message.method),
    ...(name === undefined ? {} : { [HEADERS.name]: encodeHeaderValue(name) }),
  };
}

/**
 * Compares the mirrored headers of a modern request with its body; undefined where they agree,
 * otherwise the name of the header that is missing or contradicts (answered with -32020).
 */
export function mismatchedHeader(
  headers: Readonly<Record<string, string | readonly string[] | undefined>>,
  message: Named,
): string | undefined {
  const meta = message.params?.['_meta'];
  const version = isObject(meta) ? meta[META.protocolVersion] : undefined;
  if (headers[HEADERS.protocolVersion] !== version) return 'MCP-Protocol-Version';
  if (headers[HEADERS.method] !== message.method) return 'Mcp-Method';
  const line = headers[HEADERS.name];
  if (nameKey(message.method) === undefined) return undefined;
  const name = typeof line === 'string' ? decodeHeaderValue(line) : undefined;
  return name !== undefined && name === nameOf(message) ? undefined : 'Mcp-Name';
}

function isSentinel(value: string): boolean {
  return value.startsWith(SENTINEL_START) && value.endsWith(SENTINEL_END);
}
