import { nameKey } from '#shared/mcp/headers.js';
import type { JsonRpcRequest } from '#shared/mcp/json-rpc.js';
import { isObject } from '#shared/mcp/json-rpc.js';
import type { Era } from '#shared/mcp/meta.js';
import { splitName, splitUri } from '#shared/mcp/names.js';
import { MessageFault } from './message-fault.js';

/** What is called at the upstream, by the upstream's own name. */
export interface Target {
  readonly kind: 'tool' | 'resource' | 'prompt' | 'method';
  /** Tool or prompt name, resource URI, or method. */
  readonly name: string;
}

/** The tool that is called, where one is. */
export function toolOf({ kind, name }: Target): string | undefined {
  return kind === 'tool' ? name : undefined;
}

export const LISTS = {
  'tools/list': { items: 'tools', kind: 'tool' },
  'prompts/list': { items: 'prompts', kind: 'prompt' },
  'resources/list': { items: 'resources', kind: 'resource' },
  'resources/templates/list': { items: 'resourceTemplates', kind: 'resource' },
} as const;

export type ListMethod = keyof typeof LISTS;

export interface CallRoute {
  readonly kind: 'call';
  /** As the client named it; whether it exists is decided later. */
  readonly server: string;
  readonly target: Target;
  /** The request under the upstream's own names. */
  readonly message: JsonRpcRequest;
  /** A legacy client's subscription to the resource, which is kept here. */
  readonly subscription?: 'add' | 'remove';
}

export type Route =
  | { readonly kind: 'initialize' | 'ping' | 'discover' | 'log-level' | 'listen' }
  | { readonly kind: 'list'; readonly method: ListMethod }
  | CallRoute;

/** Deciding about a name takes the event loop longer the longer it is, and longer ones fit no header. */
const MAX_NAME = 8_192;

const CALLS: Readonly<Record<string, Target['kind']>> = {
  'tools/call': 'tool',
  'resources/read': 'resource',
  'prompts/get': 'prompt',
};
const SUBSCRIPTIONS: Readonly<Record<string, 'add' | 'remove'>> = {
  'resources/subscribe': 'add',
  'resources/unsubscribe': 'remove',
};
const COMPLETION = 'completion/complete';
/** What the other era has in place of it; nothing of it reaches a server. */
const OF_THE_OTHER_ERA: Readonly<Record<Era, ReadonlySet<string>>> = {
  modern: new Set(['initialize', 'ping', 'logging/setLevel', 'resources/subscribe', 'resources/unsubscribe']),
  legacy: new Set(['server/discover', 'subscriptions/listen']),
};

/** Step 3: which server and tool. `endpoint` is the server of `/mcp/{server}`, undefined at `/mcp`. */
export function route(message: JsonRpcRequest, era: Era, endpoint: string | undefined): Route {
  const { method, id } = message;
  if (method === 'server/discover' && era === 'modern') return { kind: 'discover' };
  if ((method === 'initialize' || method === 'ping') && era === 'legacy') return { kind: method };
  if (OF_THE_OTHER_ERA[era].has(method)) throw new MessageFault('method_unknown', { id });
  if (method === 'logging/setLevel') return { kind: 'log-level' };
  if (method === 'subscriptions/listen') return { kind: 'listen' };
  if (isListMethod(method)) return { kind: 'list', method };
  if (method === COMPLETION) return completionRoute(message, endpoint);
  if (Object.hasOwn(SUBSCRIPTIONS, method)) {
    return { ...callRoute(message, 'resource', 'uri', endpoint), subscription: SUBSCRIPTIONS[method]! };
  }
  const kind = Object.hasOwn(CALLS, method) ? CALLS[method] : undefined;
  if (kind !== undefined) return callRoute(message, kind, nameKey(method)!, endpoint);
  if (endpoint === undefined) throw new MessageFault('method_unknown', { id });
  return { kind: 'call', server: endpoint, target: { kind: 'method', name: method }, message };
}

/** Whether policy judges what the method names, and not the method. */
export function namesTarget(method: string): boolean {
  return [CALLS, SUBSCRIPTIONS, LISTS].some((known) => Object.hasOwn(known, method)) || method === COMPLETION;
}

function callRoute(
  message: JsonRpcRequest,
  kind: Target['kind'],
  key: string,
  endpoint: string | undefined,
): CallRoute {
  const shown = requireName(message, `params.${key}`, message.params?.[key]);
  const { server, name } = endpoint === undefined ? splitShown(kind, shown) : { server: endpoint, name: shown };
  return { kind: 'call', server, target: { kind, name }, message: renamed(message, key, name) };
}

/** A completion is judged like the prompt or resource whose arguments it completes. */
function completionRoute(message: JsonRpcRequest, endpoint: string | undefined): CallRoute {
  const ref = message.params?.['ref'];
  const { type } = isObject(ref) ? ref : {};
  if (!isObject(ref) || (type !== 'ref/prompt' && type !== 'ref/resource')) {
    const wanted = '`params.ref` must be of the type `ref/prompt` or `ref/resource`.';
    throw new MessageFault('params_invalid', { id: message.id, message: wanted });
  }
  const [kind, key] = type === 'ref/prompt' ? (['prompt', 'name'] as const) : (['resource', 'uri'] as const);
  const shown = requireName(message, `params.ref.${key}`, ref[key]);
  const { server, name } = endpoint === undefined ? splitShown(kind, shown) : { server: endpoint, name: shown };
  return { kind: 'call', server, target: { kind, name }, message: renamed(message, 'ref', { ...ref, [key]: name }) };
}

function requireName({ id }: JsonRpcRequest, key: string, shown: unknown): string {
  if (typeof shown === 'string' && shown !== '' && shown.length <= MAX_NAME && shown.isWellFormed()) return shown;
  const wanted = `\`${key}\` must be a text of 1 to ${MAX_NAME} characters.`;
  throw new MessageFault('params_invalid', { id, message: wanted });
}

/** A name that belongs to no server is treated like that of an unknown one. */
function splitShown(kind: Target['kind'], shown: string): { server: string; name: string } {
  if (kind !== 'resource') return splitName(shown) ?? { server: '', name: shown };
  const split = splitUri(shown);
  return split ? { server: split.server, name: split.uri } : { server: '', name: shown };
}

function renamed(message: JsonRpcRequest, key: string, name: unknown): JsonRpcRequest {
  return { ...message, params: { ...message.params, [key]: name } };
}

function isListMethod(method: string): method is ListMethod {
  return Object.hasOwn(LISTS, method);
}
