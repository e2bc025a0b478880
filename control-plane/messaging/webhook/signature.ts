import { createHmac } from 'node:crypto';

const PREFIX = 'whsec_';
const BYTES = { least: 24, most: 64 };

/** The key in a secret of Standard Webhooks: `whsec_` and 24 to 64 bytes in base64. Undefined for anything else. */
export function webhookKey(secret: string): Buffer | undefined {
  if (!secret.startsWith(PREFIX)) return undefined;
  const text = secret.slice(PREFIX.length);
  const key = Buffer.from(text, 'base64');
  const isExact = key.toString('base64').replaceAll('=', '') === text.replaceAll('=', '');
  return isExact && key.length >= BYTES.least && key.length <= BYTES.most ? key : undefined;
}

/** The headers of Standard Webhooks 1.0 for a body: signature `v1`, HMAC-SHA256 of id, seconds and body. `now`: epoch milliseconds. */
export function signatureHeaders(key: Buffer, id: string, body: string, now: number): Record<string, string> {
  const seconds = Math.floor(now / 1000);
  const signature = createHmac('sha256', key).update(`${id}.${seconds}.${body}`).digest('base64');
  return { 'webhook-id': id, 'webhook-timestamp': String(seconds), 'webhook-signature': `v1,${signature}` };
}
