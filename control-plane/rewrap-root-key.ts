import { userInfo } from 'node:os';
import { asCoded } from '#shared/errors.js';
import { AuditService } from './audit/audit.service.js';
import type { NewRecord } from './audit/record.js';
import type { LoadedConfig } from './config/settings.js';
import { offline } from './offline.js';
import { keysOfSettings } from './storage/root-keys/keys-of-settings.js';
import { rewrapRootKey, type Rewrapping } from './storage/root-keys/rewrap-root-key.js';
import { StorageService } from './storage/storage.service.js';

/** Wraps the root key under `masterKey`, on record before and after. Control planes that run notice nothing. */
export async function rotateMasterKey(config: LoadedConfig): Promise<Rewrapping> {
  return offline(config, async (context) => {
    const [storage, audit] = [context.get(StorageService), context.get(AuditService)];
    const keys = await keysOfSettings(config);
    const intent = await audit.write(record({ phase: 'intent', facts: { target: keys.current.id } }));
    const outcome = (facts: NewRecord['facts']) => record({ phase: 'outcome', ref: intent.id, facts });
    try {
      const rewrapping = await rewrapRootKey(storage.db, keys);
      await audit.write(outcome({ target: rewrapping.after, outcome: 'ok' }));
      return rewrapping;
    } catch (error) {
      await audit.write(outcome({ target: keys.current.id, outcome: 'error', code: asCoded(error).code }));
      throw error;
    }
  });
}

function record(parts: Pick<NewRecord, 'phase' | 'facts'> & Pick<Partial<NewRecord>, 'ref'>): NewRecord {
  return { type: 'key.rewrap', subject: 'system', personal: { name: userInfo().username }, ...parts };
}
