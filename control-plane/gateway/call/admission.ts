import type { IncomingHttpHeaders } from 'node:http';
import { CodedError } from '#shared/errors.js';
import { JSON_TYPE } from '#shared/mcp/headers.js';

/**
 * Refuses what a browser on a foreign page, or a rebound DNS name, would send (streamable HTTP, Security & Endpoint).
 * Throws `origin_refused` or `request_invalid`.
 */
export function admit(headers: IncomingHttpHeaders, publicUrl: string): void {
  const { origin, host, port, protocol } = new URL(publicUrl);
  const hosts = port === '' ? [host, `${host}:${protocol === 'https:' ? 443 : 80}`] : [host];
  if (!hosts.includes(headers.host?.toLowerCase() ?? '')) throw new CodedError('origin_refused', { detail: 'Host' });
  if (headers.origin !== undefined && headers.origin !== origin) {
    throw new CodedError('origin_refused', { detail: 'Origin' });
  }
}

/** A form cannot send this type without the browser asking us first, so it also stands against forged requests. */
export function requireJsonBody(headers: IncomingHttpHeaders): void {
  const type = headers['content-type']?.split(';')[0]!.trim().toLowerCase();
  if (type === JSON_TYPE && headers['content-encoding'] === undefined) return;
  throw new CodedError('request_invalid', { message: 'Send the message as application/json, without encoding.' });
}
