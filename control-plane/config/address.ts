import { isIP } from 'node:net';

/** An address to listen on. */
export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

/** `127.0.0.1:8700`, `[::1]:8700` or `localhost:8700` (which is 127.0.0.1); undefined for anything else. */
export function parseListen(text: string): ListenAddress | undefined {
  const [, six, plain, digits] = /^(?:\[([^\]]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(text) ?? [];
  const port = Number(digits);
  if (digits === undefined || port < 1 || port > 65_535) return undefined;
  if (six !== undefined) return isIP(six) === 6 ? { host: six, port } : undefined;
  const host = plain === 'localhost' ? '127.0.0.1' : plain!;
  return isIP(host) === 4 ? { host, port } : undefined;
}

/** Whether a URL's host is this machine itself: the only place where plain http is accepted. */
export function isLoopback(url: URL): boolean {
  return url.hostname === 'localhost' || url.hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(url.hostname);
}
