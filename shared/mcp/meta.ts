/** Keys of the per-request envelope in `params._meta` (MCP 2026-07-28, basic/index). */
export const META = {
  protocolVersion: 'io.modelcontextprotocol/protocolVersion',
  clientCapabilities: 'io.modelcontextprotocol/clientCapabilities',
  clientInfo: 'io.modelcontextprotocol/clientInfo',
  logLevel: 'io.modelcontextprotocol/logLevel',
  serverInfo: 'io.modelcontextprotocol/serverInfo',
  subscriptionId: 'io.modelcontextprotocol/subscriptionId',
  /** Ours, on denied results: the reference into the audit log. */
  reference: 'dev.mcp-sso/reference',
  /** Ours, on `input_required`: the call waits for somebody's approval (`WaitsForApproval`). */
  approval: 'dev.mcp-sso/approval',
  /** Ours, in the description of `/mcp`: which servers there are for the person (`NamedServer[]`). */
  servers: 'dev.mcp-sso/servers',
} as const;

/** Under which key the prompt of a call that waits for approval stands in `inputRequests`, where it has one. */
export const APPROVAL_PROMPT = 'approval';

/** Revision without handshake and session; the form that the control plane works in. */
export const MODERN_VERSION = '2026-07-28';

/** Revisions with `initialize`, newest first, that clients and servers may speak to us. */
export const LEGACY_VERSIONS = ['2025-11-25', '2025-06-18', '2025-03-26'] as const;

/** Severities of `notifications/message`, least first (RFC 5424). */
export const LOG_LEVELS = ['debug', 'info', 'notice', 'warning', 'error', 'critical', 'alert', 'emergency'] as const;

export type Era = 'modern' | 'legacy';

/** What a call waits for that somebody else has to approve. */
export interface WaitsForApproval {
  readonly id: string; // apr_…
  /** The page on which it is decided. */
  readonly url: string;
  /** For the person, where their app does not wait: who can approve, and what to do. */
  readonly message: string;
}

/** A server as the description of `/mcp` names it to a person who may use something of it. */
export interface NamedServer {
  readonly id: string;
  readonly title?: string;
  /** False where it did not answer just now. */
  readonly reachable: boolean;
  /** The setting that its list of tools is longer than, where only a part is shown. */
  readonly cutBy?: string;
  /** Tools that are held back until somebody has reviewed them; absent where none is. */
  readonly waiting?: number;
}
