import { userInfo } from 'node:os';
import { AuditService } from './audit/audit.service.js';
import type { LoadedConfig } from './config/settings.js';
import { KeyRotation } from './identity/signing-keys/key-rotation.service.js';
import type { Rotation } from './identity/signing-keys/rotation.js';
import { offline } from './offline.js';
import { Notifications } from './storage/notifications/notifications.js';
import { StorageService } from './storage/storage.service.js';

/** Rotates the keys that sign tokens; `leaked` drops the old ones at once. Running control planes hear of it. */
export async function rotateTokenKeys(config: LoadedConfig, leaked: boolean): Promise<Rotation> {
  return offline(config, async (context) => {
    const [storage, notifications, audit] = [
      context.get(StorageService),
      context.get(Notifications),
      context.get(AuditService),
    ];
    const rotation = new KeyRotation(storage, notifications, audit);
    const by = { name: userInfo().username, reason: leaked ? 'rotate-keys --now' : 'rotate-keys' };
    return leaked ? rotation.replace(by) : rotation.rotate(by);
  });
}
