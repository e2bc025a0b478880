import { CodedError } from '#shared/errors.js';
import { initializeResult, negotiateLegacyVersion, type ClientEnvelope } from '#shared/mcp/eras.js';
import { isObject, type JsonObject } from '#shared/mcp/json-rpc.js';
import { LEGACY_VERSIONS, META, MODERN_VERSION } from '#shared/mcp/meta.js';

/** Who the bridge says it is, to every app. */
export interface ServerInfo {
  readonly name: string;
  readonly version: string;
}

const LISTS_CHANGE = { listChanged: true };
const CAPABILITIES = { tools: LISTS_CHANGE, resources: LISTS_CHANGE, prompts: LISTS_CHANGE };

const INSTRUCTIONS =
  'The MCP servers of your company. Where the only tool is `sign_in`, call it: the other tools appear when the person ' +
  'has signed in.';

/** Questions of a server that the bridge has no way to put to a legacy client; claiming them would invite them. */
const NOT_CARRIED = new Set(['elicitation', 'sampling', 'roots']);

/** Answer to `server/discover` (MCP 2026-07-28, server/discover). Says nothing that depends on the person. */
export function discoverAnswer(serverInfo: ServerInfo): JsonObject {
  return {
    resultType: 'complete',
    supportedVersions: [MODERN_VERSION],
    capabilities: CAPABILITIES,
    instructions: INSTRUCTIONS,
    ttlMs: 0,
    cacheScope: 'private',
    _meta: { [META.serverInfo]: serverInfo },
  };
}

/** Answer to `initialize` (MCP 2025-11-25, basic/lifecycle). */
export function initializeAnswer(params: JsonObject | undefined, serverInfo: ServerInfo): JsonObject {
  const version = negotiateLegacyVersion(params?.['protocolVersion']);
  return initializeResult(discoverAnswer(serverInfo), version, { ...serverInfo });
}

/** What a legacy client said of itself in `initialize`, to be stamped on each of its requests. */
export function clientOf(params: JsonObject | undefined): ClientEnvelope {
  const clientInfo = params?.['clientInfo'];
  const capabilities = params?.['capabilities'];
  return {
    clientInfo: isObject(clientInfo) ? clientInfo : undefined,
    capabilities: isObject(capabilities) ? carried(capabilities) : {},
  };
}

/** The version that a modern request names and the bridge does not speak. */
export function unsupportedVersion(params: JsonObject | undefined): string | undefined {
  const meta = params?.['_meta'];
  const version = isObject(meta) ? meta[META.protocolVersion] : undefined;
  return version === MODERN_VERSION ? undefined : String(version);
}

export const PROTOCOL_UNSUPPORTED = new CodedError('protocol_unsupported');

/** `data` of the error -32022 (MCP 2026-07-28, basic/versioning). */
export function unsupportedVersionData(requested: string): JsonObject {
  return { supported: [MODERN_VERSION, ...LEGACY_VERSIONS], requested };
}

function carried(capabilities: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(capabilities).filter(([key]) => !NOT_CARRIED.has(key)));
}
