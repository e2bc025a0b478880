/** Paths below `publicUrl` that both halves know (design §4.3). */
export const PATHS = {
  mcp: '/mcp',
  api: '/api',
  audit: '/api/v1/audit',
  auditLog: '/api/v1/audit/log',
  me: '/api/v1/me',
  authorize: '/oauth/authorize',
  token: '/oauth/token',
  revoke: '/oauth/revoke',
  jwks: '/oauth/jwks',
  callback: '/auth/callback',
  healthz: '/healthz',
  readyz: '/readyz',
} as const;

/** The OAuth clients that ship with the product: public, native, DPoP-bound (design §2 rows 2 and 18). */
export const CLIENTS = {
  /** Carries MCP calls: resource `publicUrl/mcp`, scope `mcp`. */
  bridge: 'mcp-bridge',
  /** Administers: resource `publicUrl/api`, its own sign-in, never obtainable with the bridge's tokens. */
  admin: 'mcp-sso-admin',
} as const;

export const SCOPES = { mcp: 'mcp', auditRead: 'audit:read', self: 'self' } as const;
