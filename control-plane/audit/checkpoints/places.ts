import { resolve } from 'node:path';
import { parseSecretReference, resolveSecret } from '../../config/secret-reference.js';
import type { LoadedConfig } from '../../config/settings.js';
import { SinkFailure } from '../export/sink.js';
import type { Place } from './place.js';
import { filePlace } from './places/file-place.js';
import { objectStoragePlace } from './places/object-storage-place.js';
import { sender } from './places/send.js';
import { webhookPlace } from './places/webhook-place.js';

type Outside = Pick<LoadedConfig, 'settings' | 'directory' | 'environment'>;

/** Every place of `audit.checkpoints.to`. */
export function placesOf(outside: Outside): Place[] {
  const send = sender();
  const read = (reference: string): Promise<string> => secretAt(reference, outside);
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

async function secretAt(text: string, { directory, environment }: Outside): Promise<string> {
  try {
    const reference = parseSecretReference(text);
    if (!reference || reference.source === 'secret') throw new Error('no outer reference');
    return await resolveSecret(reference, directory, environment);
  } catch (cause) {
    throw new SinkFailure('its secret cannot be read', { cause });
  }
}
