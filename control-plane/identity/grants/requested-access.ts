import { resourcesOf, scopesOf } from '../resources.js';
import { refusedRequest } from './token-error.js';

/** What a token is to open: one resource (RFC 8707) and scopes of it. */
export interface Access {
  readonly resource: string;
  readonly scopes: readonly string[];
}

export interface RequestedAccess {
  readonly resource?: unknown;
  readonly scope?: unknown;
}

/**
 * What is asked for, within what may be given: the same resource or a server below it, and the scopes of both.
 * Nothing asked is all that may be given. Never the admin API. Throws `invalid_target` or `invalid_scope`.
 */
export function accessWithin(publicUrl: string, given: Access, { resource: asked, scope }: RequestedAccess): Access {
  const resource = typeof asked === 'string' ? asked : given.resource;
  const known = isMcp(publicUrl, resource) ? (scopesOf(publicUrl, resource) ?? []) : [];
  if (known.length === 0 || !isWithin(resource, given.resource)) {
    throw refusedRequest('invalid_target', 'The resource is not one that this request may have a token for.');
  }
  const wanted = typeof scope === 'string' ? scope.split(' ') : given.scopes;
  const scopes = known.filter((one) => wanted.includes(one) && given.scopes.includes(one));
  if (scopes.length === 0)
    throw refusedRequest('invalid_scope', `None of the scopes is open here: ${known.join(' ')}.`);
  return { resource, scopes };
}

/** All of MCP, for those who may ask for anything there. */
export function allOfMcp(publicUrl: string): Access {
  const { mcp } = resourcesOf(publicUrl);
  return { resource: mcp, scopes: scopesOf(publicUrl, mcp) ?? [] };
}

export function isMcp(publicUrl: string, resource: string): boolean {
  return isWithin(resource, resourcesOf(publicUrl).mcp) && scopesOf(publicUrl, resource) !== undefined;
}

function isWithin(resource: string, given: string): boolean {
  return resource === given || resource.startsWith(`${given}/`);
}
