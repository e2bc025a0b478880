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
  /** Ours, on calls that were not made yet: what the call waits for (`WaitsFor`), by its kind. */
  approval: 'dev.mcp-sso/approval',
  connection: 'dev.mcp-sso/connection',
  /** Ours, in the description of `/mcp`: which servers there are for the person (`NamedServer[]`). */
  servers: 'dev.mcp-sso/servers',
  /** Ours: what a client says of the agents behind a call (`AgentChain`). Without a proof it is a claim. */
  chain: 'dev.mcp-sso/chain',
} as const;

/** Keys of W3C Trace Context and Baggage in `params._meta` (SEP-414), which have no prefix. */
export const TRACE_META = { traceparent: 'traceparent', tracestate: 'tracestate', baggage: 'baggage' } as const;

/**
 * What a call may wait for: that somebody else approves it, or that the person connects their own account at its server. The
 * prompt of such a call, where it has one, stands under this name in `inputRequests`.
 */
export const AWAITED = ['approval', 'connection'] as const;
export type AwaitedKind = (typeof AWAITED)[number];

/** Revision without handshake and session; the form that the control plane works in. */
export const MODERN_VERSION = '2026-07-28';

/** Revisions with `initialize`, newest first, that clients and servers may speak to us. */
export const LEGACY_VERSIONS = ['2025-11-25', '2025-06-18', '2025-03-26'] as const;

/** Severities of `notifications/message`, least first (RFC 5424). */
export const LOG_LEVELS = ['debug', 'info', 'notice', 'warning', 'error', 'critical', 'alert', 'emergency'] as const;

export type Era = 'modern' | 'legacy';

export interface WaitsFor {
  readonly id: string; // apr_… or cnr_…
  /** The page on which it is done. */
  readonly url: string;
  /** For the person, where their app does not wait: who can do it, and what to do then. */
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
  /** Where the person connects their own account there, which it waits for; absent where it waits for none. */
  readonly connect?: string;
  /** Tools that are held back until somebody has reviewed them; absent where none is. */
  readonly waiting?: number;
}
