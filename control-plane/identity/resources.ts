import { CLIENTS, PATHS, SCOPES } from '#shared/api/paths.js';
import { SERVER_ID } from '#shared/mcp/names.js';

/** The issuer identifier (RFC 8414 §2): `publicUrl` without a trailing slash. */
export function issuerOf(publicUrl: string): string {
  return publicUrl.replace(/\/+$/, '');
}

/** The two resources (RFC 8707) that a client may name; a server's own lies below `mcp`. */
export function resourcesOf(publicUrl: string): { readonly mcp: string; readonly api: string } {
  const issuer = issuerOf(publicUrl);
  return { mcp: `${issuer}${PATHS.mcp}`, api: `${issuer}${PATHS.api}` };
}

/** Where the metadata of a resource (RFC 9728 §3.1) is found: the well-known part comes before its path. */
export function resourceMetadataUrl(publicUrl: string, resource: string): string {
  const issuer = issuerOf(publicUrl);
  return `${issuer}/.well-known/oauth-protected-resource${resource.slice(issuer.length)}`;
}

const MCP_SCOPES = [SCOPES.mcp] as const;
const API_SCOPES = Object.values(SCOPES).filter((scope) => scope !== SCOPES.mcp);

/** The scopes that exist at a resource; undefined where it is none of ours. */
export function scopesOf(publicUrl: string, resource: string): readonly string[] | undefined {
  const { mcp, api } = resourcesOf(publicUrl);
  if (resource === api) return API_SCOPES;
  if (resource === mcp) return MCP_SCOPES;
  const server = resource.startsWith(`${mcp}/`) ? resource.slice(mcp.length + 1) : '';
  return SERVER_ID.test(server) ? MCP_SCOPES : undefined;
}

/** Whether a client may hold tokens for a resource: only the admin client administers, and it never calls tools. */
export function clientMayUse(publicUrl: string, clientId: string, resource: string): boolean {
  if (scopesOf(publicUrl, resource) === undefined) return false;
  const isApi = resource === resourcesOf(publicUrl).api;
  return clientId === CLIENTS.admin ? isApi : !isApi;
}

/** What a client gets that names no resource. */
export function defaultResource(publicUrl: string, clientId: string): string {
  const { mcp, api } = resourcesOf(publicUrl);
  return clientId === CLIENTS.admin ? api : mcp;
}
