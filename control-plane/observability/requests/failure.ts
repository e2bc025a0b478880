import { ERRORS, type ErrorCode } from '#shared/errors.js';
import { OTHER } from './bounded-names.js';
import type { Failure } from './observed-request.js';

/** JSON-RPC 2.0 §5.1, and those of our own. A server may answer any number. */
const JSON_RPC_CODES: ReadonlySet<number> = new Set([
  -32_700,
  -32_600,
  -32_601,
  -32_602,
  -32_603,
  ...Object.values(ERRORS).map(({ jsonRpc }) => jsonRpc),
]);

/** `CallToolResult.isError`. */
export const TOOL_ERROR: Failure = { type: 'tool_error' };

/** Of a JSON-RPC error that was returned. `code`: what our own says of it in `data`. */
export function jsonRpcFailure(status: number, code?: unknown): Failure {
  const text = JSON_RPC_CODES.has(status) || isOfServers(status) ? `${status}` : OTHER;
  return { type: text, status: text, ...(isOurs(code) ? { code } : {}) };
}

/** Of a call whose outcome is on record: a JSON-RPC code of its server as text, or ours where the server gave no answer. */
export function outcomeFailure({ outcome, code }: { outcome: string; code?: string }): Failure | undefined {
  if (outcome === 'ok') return undefined;
  if (outcome === 'tool_error') return TOOL_ERROR;
  if (isOurs(code)) return { type: code, code };
  return code !== undefined && /^-?\d{1,9}$/.test(code) ? jsonRpcFailure(Number(code)) : { type: OTHER };
}

/**
 * Whether it counts as a failure of the server that answered (semantic conventions of MCP, server span): internal errors
 * and the range that is kept for servers; of our own codes, those with an HTTP status of 500 or more. All else that
 * JSON-RPC returns tells the client of its own request.
 */
export function isServerFault({ status, code }: Failure): boolean {
  if (status === undefined) return true;
  if (isOurs(code)) return ERRORS[code].http >= 500;
  const known = Number(status);
  return Number.isNaN(known) || known === -32_603 || isOfServers(known);
}

/** JSON-RPC 2.0 §5.1: kept for servers. */
function isOfServers(code: number): boolean {
  return Number.isInteger(code) && code <= -32_000 && code >= -32_099;
}

function isOurs(code: unknown): code is ErrorCode {
  return typeof code === 'string' && Object.hasOwn(ERRORS, code);
}
