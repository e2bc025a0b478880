import type { IncomingHttpHeaders } from 'node:http';
import { decodeHeaderValue, HEADERS } from '#shared/mcp/headers.js';
import { isObject } from '#shared/mcp/json-rpc.js';
import { parameterHeaders } from '#shared/mcp/parameter-headers.js';
import type { Parts } from '../parts.js';
import { MessageFault } from './message-fault.js';
import type { Identified } from './post.js';
import type { CallRoute } from './route.js';

/**
 * The `Mcp-Param-*` headers that go to the server with a call (MCP 2026-07-28, streamable HTTP, Custom Headers from Tool
 * Parameters). A legacy client sends none, so they are made from its arguments. Those of a modern client must agree with
 * its arguments where the tool is known, here or by an accepted definition, and pass as they are where it is not: then the server checks them. Throws
 * `header_mismatch`.
 */
export function argumentHeaders(
  { known }: Pick<Parts, 'known'>,
  { era, id }: Pick<Identified, 'era' | 'id'>,
  { server, target, message }: CallRoute,
  headers: IncomingHttpHeaders,
): Record<string, string> {
  const given = era === 'modern' ? paramHeaders(headers) : {};
  const parameters = target.kind === 'tool' ? known.headersOf(server, target.name) : undefined;
  if (parameters === undefined || parameters.length === 0) return given;
  const args = message.params?.['arguments'];
  const made = parameterHeaders(parameters, isObject(args) ? args : {});
  if (era === 'legacy') return made;
  for (const { header } of parameters) {
    const key = HEADERS.paramPrefix + header.toLowerCase();
    if (agree(given[key], made[key])) continue;
    const wanted = `The header Mcp-Param-${header} is missing or contradicts the arguments.`;
    throw new MessageFault('header_mismatch', { id, message: wanted });
  }
  return { ...given, ...made };
}

function paramHeaders(headers: IncomingHttpHeaders): Record<string, string> {
  const entries = Object.entries(headers).filter(
    (entry): entry is [string, string] => entry[0].startsWith(HEADERS.paramPrefix) && typeof entry[1] === 'string',
  );
  return Object.fromEntries(entries);
}

/** Numbers are compared as numbers: 42.0 is 42. */
function agree(given: string | undefined, made: string | undefined): boolean {
  if (given === undefined || made === undefined) return given === made;
  const [is, should] = [decodeHeaderValue(given), decodeHeaderValue(made)];
  return is === should || (NUMBER.test(is ?? '') && NUMBER.test(should ?? '') && Number(is) === Number(should));
}

const NUMBER = /^-?\d{1,16}(?:\.0+)?$/;
