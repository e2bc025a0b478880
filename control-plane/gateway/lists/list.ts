import { CodedError, asCoded } from '#shared/errors.js';
import type { JsonObject } from '#shared/mcp/json-rpc.js';
import { shown } from '../../observability/logger.js';

import type { Origin } from '../call/call-record.js';
import { LISTS, type ListMethod } from '../call/route.js';
import type { Parts } from '../parts.js';
import { withDeadline } from './deadline.js';
import { fetchList, nameField, type ListScope } from './fetch-list.js';
import { aggregated, permitted } from './filter-list.js';
import { openCursor, sealCursor, stale } from './list-cursor.js';
import { pageOf, type ListedItem, type Page } from './page.js';
import { mayUse } from './visibility.js';
import { waitingTools } from './waiting-tools.js';

/** Items in one page: more than most people have, because not every AI app asks for a second page. */
const PAGE = 1_000;

/** A list at `/mcp/{server}`, page by page. Throws `server_unknown` where the person may use nothing of the server. */
export async function listOne(
  parts: Parts,
  origin: Origin,
  server: string,
  method: ListMethod,
  scope: ListScope,
  params: JsonObject | undefined,
): Promise<JsonObject> {
  const list = `${server} ${method}`;
  const from = openCursor(parts.storage, origin.caller, list, params);
  try {
    const { items, rest } = await fetchList(parts, server, method, scope);
    const visible = permitted(parts.policy, origin, server, method, items);
    if (visible.length === 0) await requireSomething(parts, origin, server, scope, method);
    const field = nameField(method);
    const listed = visible.map((item) => ({ server, name: String(item[field]), item }));
    return { ...rest, ...pageResult(parts, origin, method, list, pageOf(listed, from, PAGE)) };
  } catch (error) {
    throw mayUse(parts, origin, server) ? error : new CodedError('server_unknown');
  }
}

/**
 * Whether one of the server's lists has something for the person; false where it would once somebody has reviewed it. Throws
 * `server_unknown` where it would not either.
 */
export async function requireSomething(
  parts: Parts,
  origin: Origin,
  server: string,
  scope: ListScope,
  seen?: ListMethod,
): Promise<boolean> {
  for (const method of Object.keys(LISTS) as ListMethod[]) {
    if (method === seen) continue;
    const { items, unconnected } = await fetchList(parts, server, method, scope);
    if (permitted(parts.policy, origin, server, method, items).length > 0) return true;
    if (unconnected && mayUse(parts, origin, server)) return true;
  }
  if (waitingTools(parts, origin, server) > 0) return false;
  throw new CodedError('server_unknown');
}

export interface JoinedLists {
  readonly items: readonly ListedItem[];
  /** Servers that have something for the person, in the order of the configuration. */
  readonly serving: readonly string[];
  /** Servers that did not answer and of which the person may use something. */
  readonly missing: readonly string[];
  /** Servers that wait for the person's own connection, and of which they may use something. */
  readonly unconnected: readonly string[];
}

/** A list at `/mcp`, page by page: the order is that of the configuration, and in a server its own. */
export async function listAll(
  parts: Parts,
  origin: Origin,
  method: ListMethod,
  scope: ListScope,
  params: JsonObject | undefined,
): Promise<JsonObject> {
  const list = ` ${method}`;
  const from = openCursor(parts.storage, origin.caller, list, params);
  const servers = Object.keys(parts.servers);
  const begin = from === undefined ? 0 : servers.indexOf(from.server);
  if (begin < 0) throw stale();
  const { items } = await joinLists(parts, origin, method, scope, { servers: servers.slice(begin) });
  return pageResult(parts, origin, method, list, pageOf(items, from, PAGE));
}

/** The lists of several servers at once; one that is dead takes nothing from the others. */
export async function joinLists(
  parts: Parts,
  origin: Origin,
  method: ListMethod,
  scope: ListScope,
  { servers = Object.keys(parts.servers), deadline = patience(parts) } = {},
): Promise<JoinedLists> {
  const lists = await Promise.all(
    servers.map((server) => visibleItems(parts, origin, server, method, scope, deadline)),
  );
  scope.signal.throwIfAborted();
  const entries = servers.map((server, index) => [server, lists[index]] as const);
  return {
    items: entries.flatMap(([server, list]) => aggregated(server, method, list?.items ?? [])),
    serving: entries
      .filter(([, list]) => list?.unconnected === false && list.items.length > 0)
      .map(([server]) => server),
    missing: entries
      .filter(([server, list]) => list === undefined && mayUse(parts, origin, server))
      .map(([server]) => server),
    unconnected: entries
      .filter(([server, list]) => list?.unconnected && (list.items.length > 0 || mayUse(parts, origin, server)))
      .map(([server]) => server),
  };
}

interface VisibleList {
  readonly items: readonly JsonObject[];
  readonly unconnected: boolean;
}

/** Undefined where the server did not answer. */
async function visibleItems(
  parts: Parts,
  origin: Origin,
  server: string,
  method: ListMethod,
  scope: ListScope,
  deadline: number,
): Promise<VisibleList | undefined> {
  const { absent, policy, logger } = parts;
  try {
    const fetched = withDeadline(scope.signal, patience(parts), (signal) =>
      fetchList(parts, server, method, { ...scope, signal }),
    );
    const { items, unconnected } = await absent.wait(server, fetched, deadline);
    return { items: permitted(policy, origin, server, method, items), unconnected };
  } catch (error) {
    const { code, message, detail } = asCoded(error);
    const fields = { code: shown(code), detail: shown(detail ?? message) };
    logger.warn('gateway.list-failed', { server: shown(server), ...fields });
    return undefined;
  }
}

/** Milliseconds that one server may take of everybody's list. */
function patience({ limits }: Parts): number {
  return limits.listSeconds * 1_000;
}

function pageResult(
  { storage }: Parts,
  origin: Origin,
  method: ListMethod,
  list: string,
  { items, next }: Page,
): JsonObject {
  const nextCursor = next && sealCursor(storage, origin.caller, list, next);
  return {
    resultType: 'complete',
    [LISTS[method].items]: items,
    ...(nextCursor === undefined ? {} : { nextCursor }),
    ttlMs: 0,
    cacheScope: 'private',
  };
}
