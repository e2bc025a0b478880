import type { JsonObject, JsonRpcRequest } from './json-rpc.js';
import { isObject } from './json-rpc.js';
import { LEGACY_VERSIONS, META, MODERN_VERSION } from './meta.js';

/** What a legacy client said of itself in `initialize`, and what a modern one repeats in every request. */
export interface ClientEnvelope {
  /** `{ name, version, … }`, unverified. */
  readonly clientInfo?: JsonObject | undefined;
  readonly capabilities: JsonObject;
  readonly logLevel?: string | undefined;
}

/** Results that carry `ttlMs` and `cacheScope` (MCP 2026-07-28, server/utilities/caching). */
const CACHEABLE = new Set([
  'server/discover',
  'tools/list',
  'prompts/list',
  'resources/list',
  'resources/templates/list',
  'resources/read',
]);

const ENVELOPE_KEYS: ReadonlySet<string> = new Set([
  META.protocolVersion,
  META.clientInfo,
  META.clientCapabilities,
  META.logLevel,
]);

/** A legacy client's request in the 2026-07-28 form: the envelope is stamped over whatever `_meta` claimed. */
export function liftRequest<T extends Pick<JsonRpcRequest, 'method' | 'params'>>(
  request: T,
  client: ClientEnvelope,
): T {
  const params = request.params ?? {};
  const meta = isObject(params['_meta']) ? params['_meta'] : {};
  const envelope = {
    [META.protocolVersion]: MODERN_VERSION,
    ...(client.clientInfo === undefined ? {} : { [META.clientInfo]: client.clientInfo }),
    [META.clientCapabilities]: client.capabilities,
    ...(client.logLevel === undefined ? {} : { [META.logLevel]: client.logLevel }),
  };
  return { ...request, params: { ...params, _meta: { ...withoutEnvelope(meta), ...envelope } } };
}

/** A modern message for a legacy server: the envelope and answers to earlier questions go, everything else stays. */
export function lowerRequest<T extends Pick<JsonRpcRequest, 'method' | 'params'>>(request: T): T {
  const { _meta: meta, inputResponses: _responses, requestState: _state, ...params } = request.params ?? {};
  const rest = isObject(meta) ? withoutEnvelope(meta) : {};
  return { ...request, params: Object.keys(rest).length > 0 ? { ...params, _meta: rest } : params };
}

/** Members of a modern result that no legacy one has. What else is called so (a task's `ttlMs`) is the method's own. */
export function modernMembers(method: string): readonly string[] {
  return CACHEABLE.has(method) ? ['resultType', 'ttlMs', 'cacheScope'] : ['resultType'];
}

/** A modern result for a legacy client. */
export function lowerResult(method: string, result: JsonObject): JsonObject {
  const members = modernMembers(method);
  return Object.fromEntries(Object.entries(result).filter(([key]) => !members.includes(key)));
}

/** A legacy server's result in the modern form; what it already says is kept. */
export function liftResult(method: string, result: JsonObject): JsonObject {
  const caching = CACHEABLE.has(method) ? { ttlMs: 0, cacheScope: 'private' } : {};
  return { resultType: 'complete', ...caching, ...result };
}

/** The answer to `initialize`, made from a `server/discover` result. */
export function initializeResult(discover: JsonObject, version: string, serverInfo: JsonObject): JsonObject {
  const instructions = discover['instructions'];
  return {
    protocolVersion: version,
    capabilities: isObject(discover['capabilities']) ? discover['capabilities'] : {},
    serverInfo,
    ...(typeof instructions === 'string' ? { instructions } : {}),
  };
}

/** A `server/discover` result, made from a legacy server's answer to `initialize`. */
export function discoverResult(initialize: JsonObject): JsonObject {
  const { capabilities, instructions, serverInfo } = initialize;
  return {
    resultType: 'complete',
    supportedVersions: [MODERN_VERSION],
    capabilities: isObject(capabilities) ? capabilities : {},
    ...(typeof instructions === 'string' ? { instructions } : {}),
    ttlMs: 0,
    cacheScope: 'private',
    ...(isObject(serverInfo) ? { _meta: { [META.serverInfo]: serverInfo } } : {}),
  };
}

/** The version answered to a legacy `initialize`: the one asked for where we speak it, otherwise our newest legacy one. */
export function negotiateLegacyVersion(requested: unknown): string {
  return LEGACY_VERSIONS.find((version) => version === requested) ?? LEGACY_VERSIONS[0];
}

/** True where the request carries the per-request envelope, so a modern client is speaking. */
export function hasEnvelope(params: JsonObject | undefined): boolean {
  const meta = params?.['_meta'];
  return isObject(meta) && META.protocolVersion in meta;
}

function withoutEnvelope(meta: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(meta).filter(([key]) => !ENVELOPE_KEYS.has(key)));
}
