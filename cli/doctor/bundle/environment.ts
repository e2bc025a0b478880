type Environment = Readonly<Record<string, string | undefined>>;

/** How a variable may be shown: as it is, without all but the origin of an address, or only that it is set. */
type Showing = 'whole' | 'origin' | 'set';

/** Variables that change what mcp-sso does. Of all others not even the name is shown. */
const SHOWN: Readonly<Record<string, Showing>> = {
  MCP_SSO_URL: 'origin',
  MCP_SSO_LOG_LEVEL: 'whole',
  MCP_SSO_LOG_FILE: 'whole',
  HTTPS_PROXY: 'origin',
  https_proxy: 'origin',
  HTTP_PROXY: 'origin',
  http_proxy: 'origin',
  NO_PROXY: 'whole',
  no_proxy: 'whole',
  XDG_CONFIG_HOME: 'whole',
  XDG_STATE_HOME: 'whole',
  XDG_CACHE_HOME: 'whole',
  SSL_CERT_FILE: 'whole',
  SSL_CERT_DIR: 'whole',
  NODE_EXTRA_CA_CERTS: 'whole',
  DBUS_SESSION_BUS_ADDRESS: 'set',
  DISPLAY: 'set',
  WAYLAND_DISPLAY: 'set',
  SSH_CONNECTION: 'set',
  CI: 'set',
};

/** The variables that matter, each as it may be shown. */
export function shownEnvironment(env: Environment): Record<string, string> {
  const entries = Object.entries(SHOWN).flatMap(([name, showing]) => {
    const value = env[name];
    return value === undefined || value === '' ? [] : [[name, shown(value, showing)] as const];
  });
  return Object.fromEntries(entries);
}

/** Values of variables that are not shown whole: wherever they turn up, they are secrets. */
export function secretValues(env: Environment): string[] {
  return Object.entries(env).flatMap(([name, value]) => {
    const showing = SHOWN[name];
    if (value === undefined || showing === 'whole') return [];
    return showing === 'origin' ? secretParts(value) : [value];
  });
}

/** User name, password, path and query of an address. */
export function secretParts(text: string): string[] {
  const url = URL.parse(text);
  if (!url) return [text];
  const { username, password, pathname, search, hash } = url;
  const values = [...url.searchParams.values()];
  const parts = [username, password, pathname.slice(1), search.slice(1), hash.slice(1), ...values];
  return parts.flatMap((part) => [part, decoded(part)]).filter((part) => part !== '');
}

function shown(value: string, showing: Showing): string {
  if (showing === 'whole') return value;
  return showing === 'origin' ? (URL.parse(value)?.origin ?? '(set, and no address)') : '(set)';
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
