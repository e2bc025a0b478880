/** Keys of the per-request envelope in `params._meta` (MCP 2026-07-28, basic/index). */
export const META = {
  protocolVersion: 'io.modelcontextprotocol/protocolVersion',
  clientCapabilities: 'io.modelcontextprotocol/clientCapabilities',
  clientInfo: 'io.modelcontextprotocol/clientInfo',
  logLevel: 'io.modelcontextprotocol/logLevel',
  serverInfo: 'io.modelcontextprotocol/serverInfo',
  /** Ours, on denied results: the reference into the audit log. */
  reference: 'dev.mcp-sso/reference',
} as const;

/** Revision without handshake and session; the form that the control plane works in. */
export const MODERN_VERSION = '2026-07-28';

/** Revisions with `initialize`, newest first, that clients and servers may speak to us. */
export const LEGACY_VERSIONS = ['2025-11-25', '2025-06-18'] as const;

export type Era = 'modern' | 'legacy';
