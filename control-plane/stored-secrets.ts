import { userInfo } from 'node:os';
import { asCoded } from '#shared/errors.js';
import { AuditService } from './audit/audit.service.js';
import type { NewRecord } from './audit/record.js';
import type { LoadedConfig } from './config/settings.js';
import { CredentialsService } from './credentials/credentials.service.js';
import type { ListedSecret } from './credentials/vault/secret-list.js';
import { offline } from './offline.js';

/** What the encrypted store holds, without the values. */
export async function listStoredSecrets(config: LoadedConfig): Promise<readonly ListedSecret[]> {
  return offline(config, async (context) => context.get(CredentialsService).listSecrets());
}

/** Retires a secret or a version of it, beside a running server too. Nothing changes unless the intent is on record first. */
export async function retireStoredSecret(
  config: LoadedConfig,
  name: string,
  version?: number,
): Promise<readonly number[]> {
  return offline(config, async (context) => {
    const audit = context.get(AuditService);
    const detail = version === undefined ? name : `${name}, version ${version}`;
    const intent = await audit.write(record(detail, { phase: 'intent' }));
    const outcome = (facts: NewRecord['facts']) => record(detail, { phase: 'outcome', ref: intent.id, facts });
    try {
      const versions = await context.get(CredentialsService).retireSecret(name, version);
      await audit.write(outcome({ outcome: 'ok' }));
      return versions;
    } catch (error) {
      await audit.write(outcome({ outcome: 'error', code: asCoded(error).code }));
      throw error;
    }
  });
}

function record(detail: string, parts: Pick<NewRecord, 'phase'> & Partial<NewRecord>): NewRecord {
  return {
    type: 'secret.retire',
    subject: 'system',
    facts: {},
    personal: { name: userInfo().username, detail },
    ...parts,
  };
}
