import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';

const FORWARDED = ['forwarded', 'x-forwarded-for', 'x-forwarded-port', 'x-forwarded-prefix', 'x-real-ip'];

/**
 * Makes a request say that it came to `publicUrl`, whatever its headers said: issuer, DPoP `htu`, cookies and
 * redirects then have one origin that no sender and no proxy can move.
 */
export function pinOrigin(headers: IncomingHttpHeaders, publicUrl: URL): void {
  for (const name of FORWARDED) delete headers[name];
  headers.host = publicUrl.host;
  headers['x-forwarded-host'] = publicUrl.host;
  headers['x-forwarded-proto'] = publicUrl.protocol.slice(0, -1);
}

/** The path of a request, without query. */
export function pathOf({ url }: IncomingMessage): string {
  return (url ?? '').split('?', 1)[0] ?? '';
}

/** Drops one cookie from a request; a session cookie that we never set would be given a session. */
export function dropCookie(headers: IncomingHttpHeaders, name: string): void {
  if (headers.cookie === undefined) return;
  const kept = headers.cookie.split(';').filter((pair) => !new RegExp(`^ *${name}(\\.sig)?=`).test(pair));
  headers.cookie = kept.join(';');
}
