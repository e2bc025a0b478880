import { CodedError } from '#shared/errors.js';

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);

function isLoopback(hostname: string): boolean {
  return LOOPBACK.has(hostname);
}

/**
 * The origin of a control plane's address, as typed by a person: https, or http on loopback.
 * Throws CodedError config_invalid; `setBy` says whose value it was.
 */
export function controlPlaneOrigin(address: string, setBy: string): string {
  const fault = (what: string): CodedError =>
    new CodedError('config_invalid', {
      message: `The control plane’s address ${what} (${setBy}). It looks like https://mcp.example.com.`,
    });
  const url = URL.parse(address);
  if (!url) throw fault('is not a URL');
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopback(url.hostname))) {
    throw fault('must start with https://');
  }
  if (url.username || url.password) throw fault('must not contain a user name or password');
  if (url.pathname !== '/' || url.search || url.hash) throw fault('must be an origin, without a path');
  return url.origin;
}
