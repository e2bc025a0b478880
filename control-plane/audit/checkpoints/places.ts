import { resolve } from 'node:path';
import type { LoadedConfig } from '../../config/settings.js';
import { deliverySecret } from '../delivery/delivery-secret.js';
import type { Place } from './place.js';
import { filePlace } from './places/file-place.js';
import { objectStoragePlace } from './places/object-storage-place.js';
import { sender } from '../delivery/send.js';
import { webhookPlace } from './places/webhook-place.js';

type Outside = Pick<LoadedConfig, 'settings' | 'directory' | 'environment'>;

/** Every place of `audit.checkpoints.to`. */
export function placesOf(outside: Outside): Place[] {
  const send = sender();
  const read = (reference: string): Promise<string> => deliverySecret(reference, outside);
  return Object.entries(outside.settings.audit.checkpoints.to).map(([name, place]) => {
    if (place.kind === 'file') return filePlace(name, resolve(outside.directory, place.path));
    if (place.kind === 'webhook') return webhookPlace({ name, url: place.url, secret: () => read(place.secret), send });
    const { endpoint, region, bucket, prefix } = place;
    const keys = async () => ({
      accessKeyId: await read(place.accessKeyId),
      secretAccessKey: await read(place.secretAccessKey),
    });
    return objectStoragePlace({ name, endpoint, region, bucket, prefix, keys, send });
  });
}
