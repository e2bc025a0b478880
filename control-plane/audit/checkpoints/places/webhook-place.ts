import { webhookKey } from '../../../config/webhook-key.js';
import { signatureHeaders } from '../../../messaging/webhook/signature.js';
import { DeliveryFailure } from '../../delivery/delivery-failure.js';
import { documentOf, type Place } from '../place.js';
import type { Send } from '../../delivery/send.js';

interface WebhookOptions {
  readonly name: string;
  readonly url: string;
  /** Read at each attempt, so that a new one needs no restart. */
  readonly secret: () => Promise<string>;
  readonly send: Send;
}

/** Tells one address, signed (Standard Webhooks 1.0); the id is the same at each attempt. */
export function webhookPlace({ name, url, secret, send }: WebhookOptions): Place {
  return {
    name,
    async publish(checkpoint, signal) {
      const key = webhookKey(await secret());
      if (!key) throw new DeliveryFailure('its secret is not whsec_ with 24 to 64 bytes in base64');
      const timestamp = new Date(checkpoint.madeAt).toISOString();
      const body = JSON.stringify({ type: 'audit.checkpoint', timestamp, data: documentOf(checkpoint) });
      const signature = signatureHeaders(key, `checkpoint_${checkpoint.size}`, body, Date.now());
      await send(url, { method: 'POST', headers: { 'content-type': 'application/json', ...signature }, body }, signal);
    },
  };
}
