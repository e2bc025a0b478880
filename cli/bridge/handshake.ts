import { CodedError } from '#shared/errors.js';
import { initializeResult, negotiateLegacyVersion, type ClientEnvelope } from '#shared/mcp/eras.js';
import { isObject, textOf, type JsonObject } from '#shared/mcp/json-rpc.js';
import { META, MODERN_VERSION } from '#shared/mcp/meta.js';

/** Who the bridge says it is, to every app. */
export interface ServerInfo {
  readonly name: string;
  readonly version: string;
}

const LISTS_CHANGE = { listChanged: true };
/** Whatever a server may offer: which ones there are is not known before the person has signed in. */
const CAPABILITIES = {
  tools: LISTS_CHANGE,
  resources: { ...LISTS_CHANGE, subscribe: true },
  prompts: LISTS_CHANGE,
  logging: {},
  completions: {},
};

const INSTRUCTIONS =
  'The MCP servers of your company. Where the only tool is `sign_in`, call it: the other tools appear when the person ' +
  'has signed in.';

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
    capabilities: isObject(capabilities) ? capabilities : {},
  };
}

/** The version that a modern request names and the bridge does not speak. */
export function unsupportedVersion(params: JsonObject | undefined): string | undefined {
  const meta = params?.['_meta'];
  const version = isObject(meta) ? meta[META.protocolVersion] : undefined;
  return version === MODERN_VERSION ? undefined : textOf(version);
}

/** What a modern request must carry besides its version (MCP 2026-07-28, basic/index). */
export function envelopeIsWhole(params: JsonObject | undefined): boolean {
  const meta = params?.['_meta'];
  return isObject(meta) && isObject(meta[META.clientCapabilities]);
}

export const PROTOCOL_UNSUPPORTED = new CodedError('protocol_unsupported');

/** `data` of the error -32022 (MCP 2026-07-28, basic/versioning): the versions that `server/discover` names. */
export function unsupportedVersionData(requested: string): JsonObject {
  return { supported: [MODERN_VERSION], requested };
}
