import { Inject, Injectable } from '@nestjs/common';
import type { Kysely } from 'kysely';
import { asCoded } from '#shared/errors.js';
import { AuditService } from '../../audit/audit.service.js';
import type { AuditWriter, NewRecord } from '../../audit/record.js';
import { Notifications } from '../../storage/notifications/notifications.js';
import type { Database } from '../../storage/schema.js';
import { StorageService } from '../../storage/storage.service.js';
import { takeLock } from '../../storage/write-transaction.js';
import { isRotationDue, publishNextKey, replaceKeys, type Rotation } from './rotation.js';
import { deleteTokenKeys, readTokenKeys } from './token-keys.js';

/** Who rotates, and how the record says it: an operator, or the control plane itself. */
export interface Rotator {
  readonly name?: string;
  readonly reason: string;
}

/** Rotates the keys that sign tokens: on record first, then in one transaction, of which every control plane hears. */
@Injectable()
export class KeyRotation {
  constructor(
    @Inject(StorageService) private readonly storage: StorageService,
    @Inject(Notifications) private readonly notifications: Notifications,
    @Inject(AuditService) private readonly audit: AuditWriter,
  ) {}

  /** Publishes the next key a day before it signs; the one before it stays good for what it has signed. */
  async rotate(by: Rotator): Promise<Rotation> {
    return this.#recorded(by, 'next', (db) => publishNextKey(db, this.storage, Date.now()));
  }

  /** A leaked key: from the commit on nothing that it signed is accepted, by any control plane. */
  async replace(by: Rotator): Promise<Rotation> {
    return this.#recorded(by, 'now', (db) => replaceKeys(db, this.storage, Date.now()));
  }

  /** What time brings: the next key where it is due, and the end of those that have signed their last. */
  async keepUp(): Promise<Rotation | undefined> {
    const { db } = this.storage;
    const keys = await readTokenKeys(db, this.storage);
    const now = Date.now();
    if (keys.some(({ retireAt }) => retireAt !== null && retireAt <= now))
      await deleteTokenKeys(db, { retiredBy: now });
    return isRotationDue(keys, now) ? this.rotate({ reason: 'the signing key is 90 days old' }) : undefined;
  }

  async #recorded(by: Rotator, target: string, work: (db: Kysely<Database>) => Promise<Rotation>): Promise<Rotation> {
    const intent = await this.audit.write(recordOf(by, { phase: 'intent', facts: { target } }));
    const outcome = (facts: NewRecord['facts']) => recordOf(by, { phase: 'outcome', ref: intent.id, facts });
    try {
      const rotation = await this.notifications.publish({ topic: 'signing-keys', id: target }, async (db) => {
        await takeLock(db, 'signing-keys');
        return work(db);
      });
      await this.audit.write(outcome({ target: rotation.kid, outcome: 'ok' }));
      return rotation;
    } catch (error) {
      await this.audit.write(outcome({ target, outcome: 'error', code: asCoded(error).code }));
      throw error;
    }
  }
}

function recordOf(
  { name, reason }: Rotator,
  parts: Pick<NewRecord, 'phase' | 'facts'> & Pick<Partial<NewRecord>, 'ref'>,
): NewRecord {
  const personal = { reason, ...(name === undefined ? {} : { name }) };
  return { type: 'signing-key.rotate', subject: 'system', personal, ...parts };
}
