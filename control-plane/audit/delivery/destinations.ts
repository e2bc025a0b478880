import type { ObjectStorageDestination, WebhookDestination } from '../../config/delivery-settings.js';
import type { LoadedConfig } from '../../config/settings.js';
import { deliverySecret } from './delivery-secret.js';
import type { Webhook } from './post-webhook.js';
import type { ObjectStorage } from './put-object.js';
import { sender, type Send } from './send.js';

type Outside = Pick<LoadedConfig, 'directory' | 'environment'>;

export function webhookOf({ url, secret, ca }: WebhookDestination, outside: Outside): Webhook {
  return { url, secret: async () => deliverySecret(secret, outside), send: senderOf(ca, outside) };
}

export function objectStorageOf(settings: ObjectStorageDestination, outside: Outside): ObjectStorage {
  const { endpoint, region, bucket, prefix, lock, ca } = settings;
  const key = async () => ({
    accessKeyId: await deliverySecret(settings.accessKeyId, outside),
    secretAccessKey: await deliverySecret(settings.secretAccessKey, outside),
  });
  return { endpoint, region, bucket, prefix, lock, key, send: senderOf(ca, outside) };
}

function senderOf(ca: string | undefined, outside: Outside): Send {
  return sender(ca === undefined ? undefined : async () => deliverySecret(ca, outside));
}
