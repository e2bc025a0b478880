type Environment = Readonly<Record<string, string | undefined>>;

/** A proxy as it is shown: without user name, password, path and query. */
export interface Proxy {
  readonly address: URL;
  /** `http://proxy.example:8080` */
  readonly shown: string;
  /** The variable that names it. */
  readonly variable: string;
}

/** How requests to the control plane go; `exempt`: a proxy is set, and NO_PROXY names the control plane. */
export type Route =
  | { readonly kind: 'direct'; readonly exempt?: string }
  | { readonly kind: 'proxy'; readonly proxy: Proxy };

export type RouteChoice =
  | Route
  | { readonly kind: 'invalid'; readonly variable: string }
  | { readonly kind: 'ignored'; readonly variable: string; readonly scheme: string };

/** As Node's agents choose (`proxyEnv`): lower case first, http and https proxies only; and never for loopback, as `agentFor`. */
export function chooseRoute(origin: URL, env: Environment): RouteChoice {
  const names = origin.protocol === 'https:' ? ['https_proxy', 'HTTPS_PROXY'] : ['http_proxy', 'HTTP_PROXY'];
  const variable = names.find((name) => env[name]);
  const value = variable === undefined ? undefined : env[variable];
  if (variable === undefined || value === undefined || isLoopback(origin.hostname)) return { kind: 'direct' };
  const noProxy = env['no_proxy'] || env['NO_PROXY'] || '';
  if (exempts(noProxy, origin)) return { kind: 'direct', exempt: variable };
  const address = URL.parse(value);
  if (!address || address.hostname === '' || /[\r\n]/.test(value)) return { kind: 'invalid', variable };
  if (address.protocol !== 'http:' && address.protocol !== 'https:') {
    return { kind: 'ignored', variable, scheme: address.protocol.slice(0, -1) };
  }
  return { kind: 'proxy', proxy: { address, shown: address.origin, variable } };
}

function isLoopback(hostname: string): boolean {
  return ['localhost', '127.0.0.1', '[::1]', '::1'].includes(hostname);
}

/** Whether NO_PROXY names a host, by the rules of Node's agents: `*`, host, host:port, .suffix, *.suffix, range of IPv4 addresses. */
export function exempts(noProxy: string, { hostname, port, protocol }: URL): boolean {
  const host = hostname.toLowerCase();
  const withPort = `${host}:${port || (protocol === 'https:' ? '443' : '80')}`;
  return noProxy
    .split(',')
    .map((entry) => entry.trim().toLowerCase())
    .filter((entry) => entry !== '')
    .some(
      (entry) => entry === '*' || entry === host || entry === withPort || isBelow(host, entry) || isIn(host, entry),
    );
}

function isBelow(host: string, entry: string): boolean {
  if (entry.startsWith('*.')) return host.endsWith(entry.slice(1));
  return entry.startsWith('.') && (host === entry.slice(1) || host.endsWith(entry));
}

function isIn(host: string, entry: string): boolean {
  const [at, from, to] = [host, ...entry.split('-')].map((text) => addressNumber(text));
  return at !== undefined && from !== undefined && to !== undefined && at >= from && at <= to;
}

function addressNumber(text: string): number | undefined {
  const parts = text.trim().split('.').map(Number);
  const valid = parts.length === 4 && parts.every((part) => Number.isInteger(part) && part >= 0 && part < 256);
  return valid ? parts.reduce((sum, part) => sum * 256 + part, 0) : undefined;
}
