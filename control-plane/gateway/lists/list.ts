import { CodedError, asCoded } from '#shared/errors.js';
import type { JsonObject } from '#shared/mcp/json-rpc.js';
import { shown } from '../../observability/logger.js';
import type { Caller } from '../../identity/caller.js';
import { LISTS, type ListMethod } from '../call/route.js';
import type { Parts } from '../parts.js';
import { withDeadline } from './deadline.js';
import { fetchList, type ListScope } from './fetch-list.js';
import { aggregated, permitted } from './filter-list.js';
import { mayUse } from './visibility.js';

/** Milliseconds that one server may take of everybody's list. */
const SERVER_DEADLINE = 5_000;

/** A list at `/mcp/{server}`. Throws `server_unknown` where the person may use nothing of the server. */
export async function listOne(
  parts: Parts,
  caller: Caller,
  server: string,
  method: ListMethod,
  scope: ListScope,
): Promise<JsonObject> {
  try {
    const { items, rest } = await fetchList(parts, server, method, scope);
    const visible = permitted(parts.policy, caller, server, method, items);
    if (visible.length === 0) await requireSomething(parts, caller, server, scope, method);
    return { ...rest, ...listResult(method, visible) };
  } catch (error) {
    throw mayUse(parts, caller, server) ? error : new CodedError('server_unknown');
  }
}

/** Throws `server_unknown` unless one of the server's lists has something for the person. */
export async function requireSomething(
  parts: Parts,
  caller: Caller,
  server: string,
  scope: ListScope,
  seen?: ListMethod,
): Promise<void> {
  for (const method of Object.keys(LISTS) as ListMethod[]) {
    if (method === seen) continue;
    const { items } = await fetchList(parts, server, method, scope);
    if (permitted(parts.policy, caller, server, method, items).length > 0) return;
  }
  throw new CodedError('server_unknown');
}

export interface JoinedLists {
  readonly items: readonly JsonObject[];
  /** Servers that have something for the person, in the order of the configuration. */
  readonly serving: readonly string[];
  /** Servers that did not answer and of which the person may use something. */
  readonly missing: readonly string[];
}

/** A list at `/mcp`: all servers at once, and one that is dead takes nothing from the others. */
export async function listAll(
  parts: Parts,
  caller: Caller,
  method: ListMethod,
  scope: ListScope,
  deadline: number = SERVER_DEADLINE,
): Promise<JoinedLists> {
  const servers = Object.keys(parts.servers);
  const lists = await Promise.all(
    servers.map((server) => visibleItems(parts, caller, server, method, scope, deadline)),
  );
  scope.signal.throwIfAborted();
  const entries = servers.map((server, index) => [server, lists[index]] as const);
  return {
    items: entries.flatMap(([server, items]) => (items ?? []).map((item) => aggregated(server, method, item))),
    serving: entries.filter(([, items]) => items !== undefined && items.length > 0).map(([server]) => server),
    missing: entries
      .filter(([server, items]) => items === undefined && mayUse(parts, caller, server))
      .map(([server]) => server),
  };
}

/** Undefined where the server did not answer. */
async function visibleItems(
  parts: Parts,
  caller: Caller,
  server: string,
  method: ListMethod,
  scope: ListScope,
  deadline: number,
): Promise<JsonObject[] | undefined> {
  const { silent, policy, logger } = parts;
  try {
    const patience = silent.deadline(server, deadline);
    const { items } = await withDeadline(scope.signal, patience, (signal) =>
      fetchList(parts, server, method, { ...scope, signal }),
    );
    silent.forget(server);
    return permitted(policy, caller, server, method, items);
  } catch (error) {
    const { code, detail } = asCoded(error);
    if (code === 'upstream_timeout') silent.note(server);
    logger.warn('gateway.list-failed', { server: shown(server), code: shown(code), detail: shown(detail) });
    return undefined;
  }
}

export function listResult(method: ListMethod, items: readonly JsonObject[]): JsonObject {
  return { resultType: 'complete', [LISTS[method].items]: items, ttlMs: 0, cacheScope: 'private' };
}
