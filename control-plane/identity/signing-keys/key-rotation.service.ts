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
import { deleteKeys, KEY_PURPOSES, readKeys, type KeyPurpose } from './stored-keys.js';

/** Who rotates, and how the record says it: an operator, or the control plane itself. */
export interface Rotator {
  readonly name?: string;
  readonly reason: string;
}

/** Rotates the keys that sign: on record first, then in one transaction, of which every control plane hears. */
@Injectable()
export class KeyRotation {
  constructor(
    @Inject(StorageService) private readonly storage: StorageService,
    @Inject(Notifications) private readonly notifications: Notifications,
    @Inject(AuditService) private readonly audit: AuditWriter,
  ) {}

  /** Publishes the next key a day before it signs; the one before it stays good for what it has signed. */
  async rotate(purpose: KeyPurpose, by: Rotator): Promise<Rotation> {
    return this.#recorded(by, `${purpose}/next`, (db) => publishNextKey(db, this.storage, purpose, Date.now()));
  }

  /** A leaked key: from the commit on nothing that it signed is accepted, by any control plane. */
  async replace(purpose: KeyPurpose, by: Rotator): Promise<Rotation> {
    return this.#recorded(by, `${purpose}/now`, (db) => replaceKeys(db, this.storage, purpose, Date.now()));
  }

  /** What time brings: the next key where it is due, and the end of those that have signed their last. */
  async keepUp(): Promise<Rotation[]> {
    const rotations: Rotation[] = [];
    for (const purpose of KEY_PURPOSES) {
      const rotation = await this.#keepUp(purpose);
      if (rotation !== undefined) rotations.push(rotation);
    }
    return rotations;
  }

  async #keepUp(purpose: KeyPurpose): Promise<Rotation | undefined> {
    const { db } = this.storage;
    const keys = await readKeys(db, this.storage, purpose);
    const now = Date.now();
    if (keys.some(({ retireAt }) => retireAt !== null && retireAt <= now))
      await deleteKeys(db, purpose, { retiredBy: now });
    return isRotationDue(keys, now) ? this.rotate(purpose, { reason: 'the signing key is 90 days old' }) : undefined;
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
