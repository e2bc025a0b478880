/** Where a browser is sent with a code. */
const MAX_LENGTH = 1_024;
const LOOPBACK: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]']);
/** Schemes that a browser or desktop would run or open itself. */
const NO_APP: ReadonlySet<string> = new Set(
  ['javascript', 'vbscript', 'data', 'blob', 'file', 'about', 'ws', 'wss', 'ftp', 'mailto', 'view-source'].map(
    (scheme) => `${scheme}:`,
  ),
);

/** What is wrong with a redirect address of somebody else's client (RFC 8252 §7, RFC 9700 §2.1); undefined where nothing is. */
export function redirectFault(text: string): string | undefined {
  const url = URL.parse(text);
  if (!url || text.length > MAX_LENGTH || /[\s\\*\p{Cc}]/u.test(text)) return 'not an address, or too long';
  if (text.includes('#')) return 'it has a fragment';
  if (url.username !== '' || url.password !== '') return 'it has a user name';
  if (url.protocol === 'https:') return undefined;
  if (url.protocol === 'http:') return isLoopback(url) ? undefined : 'plain http is for this computer only';
  if (NO_APP.has(url.protocol)) return 'its scheme belongs to no app';
  return url.host === '' ? 'its scheme needs a host behind it' : undefined;
}

/** RFC 8252 §7.3: the port is chosen when the app starts, so any program on the computer may be the one that listens. */
export function isLoopbackRedirect(text: string): boolean {
  const url = URL.parse(text);
  return url !== null && isLoopback(url);
}

/** How a redirect address is named in settings and to people: its host, or the scheme and host of an app. */
export function redirectHost(text: string): string {
  const url = new URL(text);
  if (isLoopback(url)) return url.hostname;
  return url.protocol === 'https:' ? url.host : `${url.protocol}//${url.host}`;
}

/** For `form-action` (CSP Level 3 §6.4.2), which browsers apply to the redirect after a form. */
export function redirectSource(text: string): string {
  const url = new URL(text);
  return url.protocol === 'https:' || url.protocol === 'http:' ? url.origin : url.protocol;
}

function isLoopback({ protocol, hostname }: URL): boolean {
  return protocol === 'http:' && LOOPBACK.has(hostname);
}
