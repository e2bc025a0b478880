import { postWebhook, type Webhook } from '../../delivery/post-webhook.js';
import { documentOf, type Place } from '../place.js';

/** Tells one address, signed; the id is the same at each attempt. */
export function webhookPlace(name: string, webhook: Webhook): Place {
  return {
    name,
    async publish(checkpoint, signal) {
      const timestamp = new Date(checkpoint.madeAt).toISOString();
      const body = JSON.stringify({ type: 'audit.checkpoint', timestamp, data: documentOf(checkpoint) });
      const id = `checkpoint_${checkpoint.size}`;
      await postWebhook(webhook, { id, contentType: 'application/json', body }, signal);
    },
  };
}
