/** Why a server wants another token (RFC 6750 §3, RFC 9728 §5.1). Written by the server: for the log and for decisions, not for people. */
export interface BearerChallenge {
  readonly error: string | undefined;
  readonly scopes: readonly string[];
  readonly resourceMetadata: string | undefined;
}

const MAX_LENGTH = 4096;
const MAX_SCOPES = 32;
const PART =
  /([!#$%&'*+\-.^_`|~0-9A-Za-z]+)(?:[ \t]*=[ \t]*(?:"((?:[^"\\]|\\.)*)"|([!#$%&'*+\-.^_`|~0-9A-Za-z:/]+)))?/g;
/** RFC 6749 §3.3. */
const SCOPE = /^[\x21\x23-\x5b\x5d-\x7e]{1,256}$/;

/** The first challenge of a `WWW-Authenticate` header that asks for a Bearer or DPoP token (RFC 9110 §11.6.1). */
export function bearerChallenge(header: string | readonly string[] | undefined): BearerChallenge {
  const text = [header ?? []].flat().join(', ').slice(0, MAX_LENGTH);
  const parameters = parametersOf(text);
  const error = parameters.get('error');
  const metadata = parameters.get('resource_metadata');
  const scopes = (parameters.get('scope') ?? '').split(' ').filter((scope) => SCOPE.test(scope));
  return {
    error: error !== undefined && /^[a-z_]{1,64}$/.test(error) ? error : undefined,
    scopes: scopes.slice(0, MAX_SCOPES),
    resourceMetadata: metadata !== undefined && URL.canParse(metadata) ? metadata : undefined,
  };
}

function parametersOf(text: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  let isOurs = false;
  for (const [, name = '', quoted, plain] of text.matchAll(PART)) {
    const value = quoted?.replaceAll(/\\(.)/g, '$1') ?? plain;
    if (value === undefined) {
      if (isOurs) break;
      isOurs = /^(?:bearer|dpop)$/i.test(name);
    } else if (isOurs && !found.has(name.toLowerCase())) {
      found.set(name.toLowerCase(), value);
    }
  }
  return found;
}
