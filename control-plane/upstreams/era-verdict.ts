import type { JsonObject } from '#shared/mcp/json-rpc.js';
import { isObject } from '#shared/mcp/json-rpc.js';
import { MODERN_VERSION, type Era } from '#shared/mcp/meta.js';

/** Codes that only a modern server answers: header mismatch, missing capability, unsupported version. */
const MODERN_ERRORS = new Set([-32020, -32021, -32022]);

/** False where a status says nothing of a server's era: 401, 403, 408, 429, 5xx, redirects. */
function isEvidence(status: number): boolean {
  return status < 500 && (status < 300 || status >= 400) && ![401, 403, 408, 429].includes(status);
}

/** How modern servers refuse a single request: its method, its parameters, or what they miss in it. */
const REFUSALS = new Set([...MODERN_ERRORS, -32601, -32602]);

/** Whether an answer to a modern request may be that of a legacy server. `code`: of its JSON-RPC error. */
export function castsDoubt(status: number, code: number | undefined): boolean {
  return status >= 400 && isEvidence(status) && (code === undefined || !REFUSALS.has(code));
}

/**
 * What an answer to `server/discover` says of a server's era; undefined where it is no evidence. MCP
 * 2026-07-28, streamable HTTP, Backward Compatibility.
 */
export function eraVerdict(status: number, message: JsonObject | undefined): Era | undefined {
  if (!isEvidence(status)) return undefined;
  const { result, error } = message ?? {};
  if (isObject(result) && Array.isArray(result['supportedVersions'])) return speaksModern(result['supportedVersions']);
  if (!isObject(error) || !MODERN_ERRORS.has(Number(error['code']))) return 'legacy';
  const supported = isObject(error['data']) ? error['data']['supported'] : undefined;
  return Array.isArray(supported) ? speaksModern(supported) : 'modern';
}

function speaksModern(versions: readonly unknown[]): Era {
  return versions.includes(MODERN_VERSION) ? 'modern' : 'legacy';
}
