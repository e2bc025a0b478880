import { createHash } from 'node:crypto';

/** Ids of configured servers. No underscore, so an aggregated name splits at its first `__` without doubt. */
export const SERVER_ID = /^[a-z0-9][a-z0-9-]{0,23}$/;

const SEPARATOR = '__';
const URI_SCHEME_START = 'mcp.';

/** The longest name that AI apps accept of a tool, the server's prefix included. */
const LONGEST_NAME = 64;
const DIGEST_LENGTH = 16;
const SHORTENED = new RegExp(`_[0-9a-f]{${DIGEST_LENGTH}}$`);

/**
 * The name under which `/mcp` shows a tool or prompt: `github` + `create_issue` → `github__create_issue`. A longer one
 * than AI apps accept ends with a digest of the name instead. So does one that looks as if it did: what looks shortened
 * always is, and is looked up, never taken apart.
 */
export function aggregateName(server: string, name: string): string {
  const whole = `${server}${SEPARATOR}${name}`;
  return whole.length > LONGEST_NAME || isShortened(whole) ? shortened(server, name) : whole;
}

/** Whether a name stands for one that is found only in its server's list. */
export function isShortened(aggregated: string): boolean {
  return aggregated.length === LONGEST_NAME && SHORTENED.test(aggregated);
}

function shortened(server: string, name: string): string {
  const digest = createHash('sha256').update(name).digest('hex').slice(0, DIGEST_LENGTH);
  const room = LONGEST_NAME - server.length - SEPARATOR.length - 1 - DIGEST_LENGTH;
  const beginning = name
    .replaceAll(/[^A-Za-z0-9_.-]/gu, '_')
    .slice(0, room)
    .padEnd(room, '_');
  return `${server}${SEPARATOR}${beginning}_${digest}`;
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
