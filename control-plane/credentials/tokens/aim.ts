/** What a token is asked for: parameters of a token request. */
interface Aim {
  readonly resource?: string | undefined;
  readonly audience?: string | undefined;
}

/**
 * `resource` (RFC 8707 §2), the server's url unless the settings say otherwise or `none`; `audience` where they name
 * one; and the scopes, if any (RFC 6749 §3.3).
 * @param url of the server; undefined for a hosted one.
 */
export function aimOf(
  { resource, audience }: Aim,
  url: string | undefined,
  scopes: readonly string[],
): Record<string, string> {
  const aimed = resource ?? url;
  return {
    ...(aimed === undefined || aimed === 'none' ? {} : { resource: aimed }),
    ...(audience === undefined ? {} : { audience }),
    ...(scopes.length === 0 ? {} : { scope: scopes.join(' ') }),
  };
}
