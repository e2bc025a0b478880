import { userInfo } from 'node:os';
import { asCoded } from '#shared/errors.js';
import { AuditService } from './audit/audit.service.js';
import type { NewRecord } from './audit/record.js';
import type { LoadedConfig } from './config/settings.js';
import { CredentialsService } from './credentials/credentials.service.js';
import { offline } from './offline.js';

/** Stores a secret, beside a running server too. Nothing is stored unless the intent is on record first. */
export async function storeSecret(
  config: LoadedConfig,
  name: string,
  value: string,
  expiresAt: number | null = null,
): Promise<{ version: number }> {
  return offline(config, async (context) => {
    const audit = context.get(AuditService);
    const intent = await audit.write(record(name, { phase: 'intent' }));
    const outcome = (facts: NewRecord['facts']) => record(name, { phase: 'outcome', ref: intent.id, facts });
    try {
      const stored = await context.get(CredentialsService).setSecret(name, value, expiresAt);
      await audit.write(outcome({ outcome: 'ok' }));
      return stored;
    } catch (error) {
      await audit.write(outcome({ outcome: 'error', code: asCoded(error).code }));
      throw error;
    }
  });
}

function record(name: string, parts: Pick<NewRecord, 'phase'> & Partial<NewRecord>): NewRecord {
  return {
    type: 'secret.set',
    subject: 'system',
    facts: {},
    personal: { name: userInfo().username, detail: name },
    ...parts,
  };
}
