import { userInfo } from 'node:os';
import { AuditService } from './audit/audit.service.js';
import type { LoadedConfig } from './config/settings.js';
import { KeyRotation } from './identity/signing-keys/key-rotation.service.js';
import { KEY_PURPOSES, type KeyPurpose } from './identity/signing-keys/stored-keys.js';
import type { Rotation } from './identity/signing-keys/rotation.js';
import { offline } from './offline.js';
import { Notifications } from './storage/notifications/notifications.js';
import { StorageService } from './storage/storage.service.js';

/** Rotates every key that signs; `leaked` drops the old ones at once. Running control planes hear of it. */
export async function rotateSigningKeys(
  config: LoadedConfig,
  leaked: boolean,
): Promise<ReadonlyMap<KeyPurpose, Rotation>> {
  return offline(config, async (context) => {
    const [storage, notifications, audit] = [
      context.get(StorageService),
      context.get(Notifications),
      context.get(AuditService),
    ];
    const rotation = new KeyRotation(storage, notifications, audit);
    const by = { name: userInfo().username, reason: leaked ? 'rotate-keys --now' : 'rotate-keys' };
    const rotations = new Map<KeyPurpose, Rotation>();
    for (const purpose of KEY_PURPOSES) {
      rotations.set(purpose, await (leaked ? rotation.replace(purpose, by) : rotation.rotate(purpose, by)));
    }
    return rotations;
  });
}
