/** Names and attributes of every cookie that identity sets. */
export interface CookieNames {
  readonly secure: boolean;
  readonly session: string;
  readonly interaction: string;
  readonly resume: string;
  /** Ours: binds one authorization to the browser that began it. */
  login(interaction: string): string;
}

/**
 * Prefixes of RFC 6265bis §4.1.3. oidc-provider binds two of its cookies to a path, which `__Host-` forbids, so
 * those carry `__Secure-`. Over plain http, which is accepted on loopback only, a prefixed cookie would be dropped.
 */
export function cookieNames(publicUrl: string): CookieNames {
  const secure = new URL(publicUrl).protocol === 'https:';
  const host = secure ? '__Host-' : '';
  const path = secure ? '__Secure-' : '';
  return {
    secure,
    session: `${host}mcp-sso-session`,
    interaction: `${path}mcp-sso-interaction`,
    resume: `${path}mcp-sso-resume`,
    login: (interaction) => `${host}mcp-sso-login-${interaction}`,
  };
}
