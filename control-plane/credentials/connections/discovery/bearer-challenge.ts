/** What a server says of itself where it wants a token (RFC 9728 §5.1, RFC 6750 §3). */
export interface BearerChallenge {
  readonly resourceMetadata: string | undefined;
  readonly scopes: readonly string[] | undefined;
}

/** Longer headers say nothing that we need. */
const MAX_LENGTH = 8192;
const PARAMETER = /([!#$%&'*+\-.^_`|~0-9A-Za-z]+)[ \t]*=[ \t]*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))/g;

/** The Bearer challenge of a `WWW-Authenticate` header (RFC 9110 §11.6.1); empty where there is none. */
export function bearerChallenge(header: string | null): BearerChallenge {
  const bearer = /(?:^|[,\s])Bearer(?:\s+|$)/i.exec((header ?? '').slice(0, MAX_LENGTH));
  const parameters = new Map<string, string>();
  const text = bearer ? (header ?? '').slice(bearer.index + bearer[0].length, MAX_LENGTH) : '';
  for (const [, name = '', quoted, plain = ''] of text.matchAll(PARAMETER)) {
    const value = quoted?.replaceAll(/\\(.)/g, '$1') ?? plain;
    if (!parameters.has(name.toLowerCase())) parameters.set(name.toLowerCase(), value);
  }
  const scopes = parameters.get('scope')?.split(' ').filter(Boolean);
  return {
    resourceMetadata: parameters.get('resource_metadata'),
    scopes: scopes === undefined || scopes.length === 0 ? undefined : scopes,
  };
}
