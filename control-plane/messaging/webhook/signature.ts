import { createHmac } from 'node:crypto';

/** The headers of Standard Webhooks 1.0 for a body: signature `v1`, HMAC-SHA256 of id, seconds and body. `now`: epoch milliseconds. */
export function signatureHeaders(key: Buffer, id: string, body: string, now: number): Record<string, string> {
  const seconds = Math.floor(now / 1000);
  const signature = createHmac('sha256', key).update(`${id}.${seconds}.${body}`).digest('base64');
  return { 'webhook-id': id, 'webhook-timestamp': String(seconds), 'webhook-signature': `v1,${signature}` };
}
