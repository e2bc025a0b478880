import { webhookKey } from '../../config/webhook-key.js';
import { signatureHeaders } from '../../messaging/webhook/signature.js';
import { DeliveryFailure } from './delivery-failure.js';
import type { Send } from './send.js';

export interface Webhook {
  readonly url: string;
  /** Read at each attempt, so that a new one needs no restart. */
  readonly secret: () => Promise<string>;
  readonly send: Send;
}

interface WebhookMessage {
  /** The same at each attempt, so that a receiver can drop what it has. */
  readonly id: string;
  readonly contentType: string;
  readonly body: string;
}

/** Tells one address, signed (Standard Webhooks 1.0). @throws DeliveryFailure */
export async function postWebhook(
  { url, secret, send }: Webhook,
  { id, contentType, body }: WebhookMessage,
  signal: AbortSignal,
): Promise<void> {
  const key = webhookKey(await secret());
  if (!key) throw new DeliveryFailure('its secret is not whsec_ with 24 to 64 bytes in base64');
  const headers = { 'content-type': contentType, ...signatureHeaders(key, id, body, Date.now()) };
  await send(url, { method: 'POST', headers, body }, signal);
}
