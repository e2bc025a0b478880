import { CodedError } from '#shared/errors.js';
import type { JsonObject } from '#shared/mcp/json-rpc.js';
import { isObject } from '#shared/mcp/json-rpc.js';
import { redactText } from '../../credentials/redaction.js';
import type { ClientSide, UpstreamScope } from '../../upstreams/upstream-request.js';
import { resolveCredential } from '../call/credential.js';
import { scopeOf } from '../call/forward.js';
import { LISTS, type ListMethod } from '../call/route.js';
import type { Parts } from '../parts.js';

const MAX_PAGES = 50;
const METHOD_NOT_FOUND = -32601;
const SHOWABLE = /^\P{Cc}{1,2048}$/u;

export interface FetchedList {
  /** Items with a usable, unique name, in the server's order. */
  readonly items: readonly JsonObject[];
  /** What else the first page carried. */
  readonly rest: JsonObject;
}

/** For whom a list is fetched: `meta` is the client's own envelope. */
export interface ListScope {
  readonly session: string;
  readonly client: ClientSide;
  readonly meta: JsonObject;
  readonly signal: AbortSignal;
}

/** The field that names an item: it is what policy judges. */
export function nameField(method: ListMethod): 'name' | 'uri' | 'uriTemplate' {
  if (method === 'resources/list') return 'uri';
  return method === 'resources/templates/list' ? 'uriTemplate' : 'name';
}

/** A server's whole list (bounded), its pages followed, with its credential masked. Throws the errors of the far side. */
export async function fetchList(
  parts: Pick<Parts, 'credentials' | 'upstreams' | 'known' | 'limits'>,
  server: string,
  method: ListMethod,
  { session, client, meta, signal }: ListScope,
): Promise<FetchedList> {
  const injection = await resolveCredential(parts.credentials, server);
  const pages = await fetchPages(parts, scopeOf({ server, session, client, injection, signal }), method, meta);
  const masked = JSON.parse(redactText(injection.secrets, JSON.stringify(pages))) as JsonObject[];
  const items = usableItems(masked, method, parts.limits.listItems);
  parts.known.remember(
    server,
    method,
    items.map((item) => String(item[nameField(method)])),
  );
  if (method === 'tools/list') parts.known.rememberHeaders(server, items);
  const { [LISTS[method].items]: _items, nextCursor: _cursor, ...rest } = masked[0] ?? {};
  return { items, rest };
}

async function fetchPages(
  { upstreams }: Pick<Parts, 'upstreams'>,
  scope: UpstreamScope,
  method: ListMethod,
  meta: JsonObject,
): Promise<JsonObject[]> {
  const pages: JsonObject[] = [];
  const cursors = new Set<string>();
  let cursor: string | undefined;
  do {
    const params = { ...(cursor === undefined ? {} : { cursor }), _meta: meta };
    const { message } = await upstreams.ask({
      ...scope,
      message: { jsonrpc: '2.0', id: pages.length + 1, method, params },
    });
    const page = pageOf(message);
    if (page === undefined) return pages;
    pages.push(page);
    cursor = nextCursor(page, cursors);
  } while (cursor !== undefined && pages.length < MAX_PAGES);
  return pages;
}

/** A server without this kind of thing has an empty list of it. */
function pageOf({ result, error }: JsonObject): JsonObject | undefined {
  if (isObject(result)) return result;
  const code = isObject(error) ? error['code'] : undefined;
  if (code === METHOD_NOT_FOUND) return undefined;
  throw new CodedError('upstream_invalid', {
    detail: `the list was answered with the error ${typeof code === 'number' ? code : 'without a code'}`,
  });
}

/** A cursor that was seen before would go round for ever. */
function nextCursor(page: JsonObject, seen: Set<string>): string | undefined {
  const cursor = page['nextCursor'];
  if (typeof cursor !== 'string' || seen.has(cursor)) return undefined;
  seen.add(cursor);
  return cursor;
}

function isShowable(name: unknown): name is string {
  return typeof name === 'string' && SHOWABLE.test(name) && name.isWellFormed();
}

function usableItems(pages: readonly JsonObject[], method: ListMethod, limit: number): JsonObject[] {
  const field = nameField(method);
  const items = new Map<string, JsonObject>();
  for (const page of pages) {
    const list = page[LISTS[method].items];
    for (const item of Array.isArray(list) ? list : []) {
      const name: unknown = isObject(item) ? item[field] : undefined;
      // The first of two equal names: the server would not tell them apart either.
      if (isShowable(name) && !items.has(name)) items.set(name, item as JsonObject);
      if (items.size >= limit) return [...items.values()];
    }
  }
  return [...items.values()];
}
