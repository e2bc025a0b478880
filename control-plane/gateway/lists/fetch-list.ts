import { CodedError, ERRORS } from '#shared/errors.js';
import type { JsonObject } from '#shared/mcp/json-rpc.js';
import { isObject } from '#shared/mcp/json-rpc.js';
import type { Era } from '#shared/mcp/meta.js';
import type { OnBehalf } from '../../credentials/credential-scope.js';
import { redactText } from '../../credentials/redaction.js';
import { shown } from '../../observability/logger.js';
import type { ClientSide, UpstreamScope } from '../../upstreams/upstream-request.js';
import { scopeOf } from '../call/forward.js';
import { withCredential, type CredentialParts } from '../call/with-credential.js';
import { LISTS, type ListMethod } from '../call/route.js';
import type { Parts } from '../parts.js';
import type { ListBound } from './cut-lists.js';
import { unconnectedList, waitsForConnection } from './unconnected.js';

const SHOWABLE = /^\P{Cc}{1,2048}$/u;

export interface FetchedList {
  /** Items with a usable, unique name, in the server's order; of tools, those of which nobody has to accept the definition first. */
  readonly items: readonly JsonObject[];
  /** What else the first page carried. */
  readonly rest: JsonObject;
  /** The server waits for the person's own connection, and was not asked. */
  readonly unconnected: boolean;
}

/** For whom a list is fetched: `meta` is the client's own envelope. */
export interface ListScope {
  readonly session: OnBehalf;
  readonly client: ClientSide;
  readonly meta: JsonObject;
  readonly signal: AbortSignal;
}

/** The field that names an item: it is what policy judges. */
export function nameField(method: ListMethod): 'name' | 'uri' | 'uriTemplate' {
  if (method === 'resources/list') return 'uri';
  return method === 'resources/templates/list' ? 'uriTemplate' : 'name';
}

interface Asking extends CredentialParts, Pick<Parts, 'upstreams' | 'known' | 'cut' | 'faulty' | 'limits' | 'logger'> {
  readonly definitions: Pick<Parts['definitions'], 'observe'>;
}

/** A server's whole list; of one that waits for the person's own connection, what is known of it. Throws the errors of the far side. */
export async function fetchList(
  parts: Asking & Pick<Parts, 'definitions'>,
  server: string,
  method: ListMethod,
  scope: ListScope,
): Promise<FetchedList> {
  try {
    return await askForList(parts, server, method, scope);
  } catch (error) {
    if (waitsForConnection(error)) return await unconnectedList(parts, server, method);
    throw error;
  }
}

/**
 * A server's whole list, its pages followed, with its credential masked, and of its tools those whose definition is accepted. One
 * that is longer than its bounds is cut, which is noted. Throws the errors of the far side.
 */
export async function askForList(
  parts: Asking,
  server: string,
  method: ListMethod,
  { session, client, meta, signal }: ListScope,
): Promise<FetchedList> {
  const { masked, more, era } = await withCredential(parts, { server, session }, async (injection) => {
    const scope = scopeOf({ server, session, client, injection, signal });
    const { pages, ...read } = await fetchPages(parts, scope, method, meta);
    return { ...read, masked: withoutSecrets(injection.secrets, pages) };
  });
  const { items: usable, full } = usableItems(masked, method, parts.limits.listItems);
  const items = era === 'modern' && method === 'tools/list' ? validTools(parts, server, usable) : usable;
  const bound: ListBound | undefined = full ? 'listItems' : more ? 'listPages' : undefined;
  if (parts.cut.note(server, method, bound)) {
    parts.logger.warn('gateway.list-cut', {
      server: shown(server),
      list: shown(method),
      bound: shown(`limits.${bound}`),
    });
  }
  parts.known.remember(
    server,
    method,
    items.map((item) => String(item[nameField(method)])),
  );
  if (method === 'tools/list') parts.known.rememberHeaders(server, items);
  const accepted = method === 'tools/list' ? await parts.definitions.observe(server, items) : items;
  const { [LISTS[method].items]: _items, nextCursor: _cursor, ...rest } = masked[0] ?? {};
  return { items: accepted, rest, unconnected: false };
}

/** Those that clients of 2026-07-28 may be shown (streamable HTTP, Schema Extension). */
function validTools(
  { faulty, logger }: Pick<Parts, 'faulty' | 'logger'>,
  server: string,
  tools: readonly JsonObject[],
): readonly JsonObject[] {
  const { valid, news } = faulty.sort(server, tools);
  for (const { tool, reason } of news) {
    logger.warn('gateway.tool-left-out', { server: shown(server), tool: shown(tool), reason: shown(reason) });
  }
  return valid;
}

function withoutSecrets(secrets: readonly string[], pages: readonly JsonObject[]): readonly JsonObject[] {
  if (secrets.length === 0) return pages;
  const text = JSON.stringify(pages);
  const masked = redactText(secrets, text);
  return masked === text ? pages : (JSON.parse(masked) as JsonObject[]);
}

async function fetchPages(
  { upstreams, limits }: Pick<Parts, 'upstreams' | 'limits'>,
  scope: UpstreamScope,
  method: ListMethod,
  meta: JsonObject,
): Promise<{ readonly pages: JsonObject[]; readonly more: boolean; readonly era: Era | undefined }> {
  const pages: JsonObject[] = [];
  const cursors = new Set<string>();
  let cursor: string | undefined;
  let era: Era | undefined;
  do {
    const params = { ...(cursor === undefined ? {} : { cursor }), _meta: meta };
    const answer = await upstreams.ask({
      ...scope,
      message: { jsonrpc: '2.0', id: pages.length + 1, method, params },
    });
    era = answer.era;
    const page = pageOf(answer.message);
    if (page === undefined) break;
    pages.push(page);
    cursor = nextCursor(page, cursors);
  } while (cursor !== undefined && pages.length < limits.listPages);
  return { pages, more: cursor !== undefined, era };
}

/** A server without this kind of thing has an empty list of it. */
function pageOf({ result, error }: JsonObject): JsonObject | undefined {
  if (isObject(result)) return result;
  const code = isObject(error) ? error['code'] : undefined;
  if (code === ERRORS.method_unknown.jsonRpc) return undefined;
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

/** `full`: there are more than `limit`. */
function usableItems(
  pages: readonly JsonObject[],
  method: ListMethod,
  limit: number,
): { readonly items: JsonObject[]; readonly full: boolean } {
  const field = nameField(method);
  const items = new Map<string, JsonObject>();
  for (const page of pages) {
    const list = page[LISTS[method].items];
    for (const item of Array.isArray(list) ? list : []) {
      const name: unknown = isObject(item) ? item[field] : undefined;
      // The first of two equal names: the server would not tell them apart either.
      if (!isShowable(name) || items.has(name)) continue;
      if (items.size === limit) return { items: [...items.values()], full: true };
      items.set(name, item as JsonObject);
    }
  }
  return { items: [...items.values()], full: false };
}
