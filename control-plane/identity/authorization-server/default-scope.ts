import type { KoaContextWithOIDC } from 'oidc-provider';
import { CLIENTS, SCOPES } from '#shared/api/paths.js';

/** RFC 6749 §3.3: who names no scope gets the one that MCP has. The admin client says what it wants. */
export function setDefaultScope({ oidc }: KoaContextWithOIDC): void {
  if (oidc.params === undefined || oidc.client?.clientId === CLIENTS.admin) return;
  oidc.params['scope'] ??= SCOPES.mcp;
}
