import { resolve } from 'node:path';
import type { LoadedConfig } from '../../config/settings.js';
import { objectStorageOf, webhookOf } from '../delivery/destinations.js';
import type { Place } from './place.js';
import { filePlace } from './places/file-place.js';
import { objectStoragePlace } from './places/object-storage-place.js';
import { webhookPlace } from './places/webhook-place.js';

type Outside = Pick<LoadedConfig, 'settings' | 'directory' | 'environment'>;

/** Every place of `audit.checkpoints.to`. */
export function placesOf(outside: Outside): Place[] {
  return Object.entries(outside.settings.audit.checkpoints.to).map(([name, place]) => {
    if (place.kind === 'file') return filePlace(name, resolve(outside.directory, place.path));
    if (place.kind === 'webhook') return webhookPlace(name, webhookOf(place, outside));
    return objectStoragePlace(name, objectStorageOf(place, outside));
  });
}
