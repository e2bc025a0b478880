import type { IncomingHttpHeaders } from 'node:http';
import { CodedError } from '#shared/errors.js';
import { JSON_TYPE } from '#shared/mcp/headers.js';
import { isOwnHost } from '../../http/own-host.js';

/**
 * Refuses what a browser on a foreign page, or a rebound DNS name, would send (streamable HTTP, Security & Endpoint).
 * Throws `origin_refused` or `request_invalid`.
 */
export function admit(headers: IncomingHttpHeaders, publicUrl: string): void {
  if (!isOwnHost(headers.host, publicUrl)) throw new CodedError('origin_refused', { detail: 'Host' });
  if (headers.origin !== undefined && headers.origin !== new URL(publicUrl).origin) {
    throw new CodedError('origin_refused', { detail: 'Origin' });
  }
}

/** A form cannot send this type without the browser asking us first, so it also stands against forged requests. */
export function requireJsonBody(headers: IncomingHttpHeaders): void {
  const type = headers['content-type']?.split(';')[0]!.trim().toLowerCase();
  if (type === JSON_TYPE && headers['content-encoding'] === undefined) return;
  throw new CodedError('request_invalid', { message: 'Send the message as application/json, without encoding.' });
}
