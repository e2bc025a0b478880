/** Paths below `publicUrl` that both halves know (design §4.3). */
export const PATHS = {
  mcp: '/mcp',
  api: '/api',
  audit: '/api/v1/audit',
  auditLog: '/api/v1/audit/log',
  auditReports: '/api/v1/audit/reports',
  auditCheckpoint: '/api/v1/audit/checkpoint',
  auditConsistency: '/api/v1/audit/consistency',
  /** Below it, the id of a sign-in, of a trace, or of an app's own session. */
  auditSessions: '/api/v1/audit/sessions',
  sessions: '/api/v1/sessions',
  users: '/api/v1/users',
  catalog: '/api/v1/catalog',
  servers: '/api/v1/servers',
  exports: '/api/v1/exports',
  policies: '/api/v1/policies',
  reviews: '/api/v1/reviews',
  holds: '/api/v1/holds',
  grants: '/api/v1/grants',
  approvals: '/api/v1/approvals',
  /** The page on which people approve, and ask for access. */
  approvalsPage: '/approvals',
  connections: '/api/v1/connections',
  /** The page on which people connect their own accounts at servers. */
  connectPage: '/connect',
  /** Where authorization servers of MCP servers send the browser back. */
  connectCallback: '/connect/callback',
  /** Ourselves as a client of theirs (draft-ietf-oauth-client-id-metadata-document). */
  connectClient: '/connect/client.json',
  /** Public keys of what we sign for MCP servers (RFC 7517). */
  assertionKeys: '/.well-known/jwks.json',
  openapi: '/api/v1/openapi.json',
  /** What was done as the caller. */
  ownActivity: '/api/v1/me/activity',
  /** “That wasn't me.” */
  disownedSessions: '/api/v1/me/disowned-sessions',
  authorize: '/oauth/authorize',
  token: '/oauth/token',
  deviceAuthorization: '/oauth/device_authorization',
  /** Where a person types the code of a device. */
  device: '/oauth/device',
  revoke: '/oauth/revoke',
  jwks: '/oauth/jwks',
  register: '/oauth/register',
  callback: '/auth/callback',
  scim: '/scim/v2',
  backchannelLogout: '/auth/backchannel-logout',
  globalTokenRevocation: '/auth/global-token-revocation',
  securityEvents: '/auth/ssf/events',
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

/** Grant type (RFC 6749 §4.5) that takes a code made by `mcp-sso-control-plane break-glass`. */
export const BREAK_GLASS_GRANT = 'urn:mcp-sso:params:oauth:grant-type:break-glass';

/** What a token opens: `mcp` at the MCP endpoints, the others each one area of the admin API. Roles decide the rest. */
export const SCOPES = {
  mcp: 'mcp',
  auditRead: 'audit:read',
  sessionsRead: 'sessions:read',
  sessionsWrite: 'sessions:write',
  usersRead: 'users:read',
  usersErase: 'users:erase',
  holdsRead: 'holds:read',
  holdsWrite: 'holds:write',
  catalogRead: 'catalog:read',
  catalogWrite: 'catalog:write',
  serversRead: 'servers:read',
  policiesRead: 'policies:read',
  policiesWrite: 'policies:write',
  reviewsRead: 'reviews:read',
  reviewsWrite: 'reviews:write',
  grantsRead: 'grants:read',
  grantsWrite: 'grants:write',
  approvalsRead: 'approvals:read',
  approvalsWrite: 'approvals:write',
  connectionsRead: 'connections:read',
  connectionsWrite: 'connections:write',
  /** The caller's own account, and what the API offers. */
  self: 'self',
} as const;

/** Seconds that a sign-in may be old where something is changed (design §2 row 18). */
export const FRESH_SIGN_IN = 600;

/** Stands for the caller wherever the admin API takes a person. */
export const ME = 'me';
