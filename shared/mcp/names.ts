/** Ids of configured servers. No underscore, so an aggregated name splits at its first `__` without doubt. */
export const SERVER_ID = /^[a-z0-9][a-z0-9-]{0,23}$/;

const SEPARATOR = '__';
const URI_SCHEME_START = 'mcp.';

/** The name under which `/mcp` shows a tool or prompt: `github` + `create_issue` → `github__create_issue`. */
export function aggregateName(server: string, name: string): string {
  return `${server}${SEPARATOR}${name}`;
}

/** The two halves of an aggregated name, or undefined where the first half can be no server. */
export function splitName(aggregated: string): { server: string; name: string } | undefined {
  const at = aggregated.indexOf(SEPARATOR);
  if (at < 1) return undefined;
  const server = aggregated.slice(0, at);
  const name = aggregated.slice(at + SEPARATOR.length);
  return SERVER_ID.test(server) && name !== '' ? { server, name } : undefined;
}

/** The URI (or URI template) under which `/mcp` shows a resource: `mcp.crm+file:///a`. */
export function aggregateUri(server: string, uri: string): string {
  return `${URI_SCHEME_START}${server}+${uri}`;
}

/** The two halves of an aggregated URI. */
export function splitUri(aggregated: string): { server: string; uri: string } | undefined {
  if (!aggregated.startsWith(URI_SCHEME_START)) return undefined;
  const at = aggregated.indexOf('+');
  if (at < 0) return undefined;
  const server = aggregated.slice(URI_SCHEME_START.length, at);
  const uri = aggregated.slice(at + 1);
  return SERVER_ID.test(server) && uri !== '' ? { server, uri } : undefined;
}
