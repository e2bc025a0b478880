import { Inject, Injectable } from '@nestjs/common';
import type { Kysely } from 'kysely';
import { CodedError } from '#shared/errors.js';
import { AuditService } from '../../audit/audit.service.js';
import {
  countActiveHolds,
  findHold,
  insertHold,
  listHolds,
  releaseHold,
  type HoldFilter,
} from '../../audit/legal-holds/hold-rows.js';
import { newHoldId, type HoldScope, type LegalHold } from '../../audit/legal-holds/legal-hold.js';
import { ActiveCatalog } from '../../catalog/active-catalog.js';
import type { Database } from '../../storage/schema.js';
import { StorageService } from '../../storage/storage.service.js';
import { writeTransaction } from '../../storage/write-transaction.js';
import type { Actor } from '../actor.js';
import { onRecord } from './hold-records.js';

/** Each is a look-up at every erasure. */
const MOST_ACTIVE = 1_000;

/** Puts records under hold and releases them, on record. Roles and a fresh sign-in are for the caller to demand. */
@Injectable()
export class LegalHolds {
  constructor(
    @Inject(StorageService) private readonly storage: StorageService,
    @Inject(AuditService) private readonly audit: AuditService,
    @Inject(ActiveCatalog) private readonly catalog: ActiveCatalog,
  ) {}

  /**
   * Resolves when nothing that it covers can be erased any more. Throws `server_unknown` for a server that neither is nor has
   * a record, `not_found` for a person whose key is gone already, `params_invalid` where there are too many.
   */
  async create(actor: Actor, name: string, scope: HoldScope): Promise<LegalHold> {
    await this.#requireServer(scope.server);
    const createdBy = actor.caller.session.person.id;
    const hold: LegalHold = {
      id: newHoldId(),
      name,
      ...scope,
      createdBy,
      createdAt: Date.now(),
      released: undefined,
    };
    return onRecord(this.audit, actor, { type: 'hold.create', id: hold.id, scope, reason: name }, async () => {
      // The lock below which a person's key is destroyed: one of the two is first, and the other sees it.
      await writeTransaction(this.storage.db, 'legal-holds', async (db) => {
        await requireRoom(db);
        if (scope.person !== null) await requireKey(db, scope.person);
        await insertHold(db, this.storage, hold);
      });
      return hold;
    });
  }

  /** Throws `not_found` where there is none, or it has been released. */
  async release(actor: Actor, id: string, reason: string): Promise<LegalHold> {
    const { db } = this.storage;
    const hold = await findHold(db, this.storage, id);
    if (!hold || hold.released) throw noSuchHold();
    const released = { by: actor.caller.session.person.id, at: Date.now(), reason };
    return onRecord(this.audit, actor, { type: 'hold.release', id, scope: hold, reason }, async () => {
      if (!(await releaseHold(db, this.storage, id, released))) throw noSuchHold();
      return { ...hold, released };
    });
  }

  /** Newest first; up to one more than `limit`. */
  async list(filter: HoldFilter): Promise<LegalHold[]> {
    return listHolds(this.storage.db, this.storage, filter);
  }

  /** A hold with a wrong name would cover nothing, and nobody would notice in time. */
  async #requireServer(server: string | null): Promise<void> {
    if (server === null || Object.hasOwn(this.catalog.latest.servers, server)) return;
    const recorded = this.storage.db.selectFrom('audit_index').select('server').where('server', '=', server);
    if (await recorded.limit(1).executeTakeFirst()) return;
    throw new CodedError('server_unknown', {
      message: `There is no server ${JSON.stringify(server)} here, and none was ever called. List them: mcp-sso admin servers.`,
    });
  }
}

async function requireRoom(db: Kysely<Database>): Promise<void> {
  if ((await countActiveHolds(db)) < MOST_ACTIVE) return;
  throw new CodedError('params_invalid', {
    message: `There are ${MOST_ACTIVE} holds already. Release those that are over, or make one that covers more.`,
  });
}

async function requireKey(db: Kysely<Database>, person: string): Promise<void> {
  const query = db.selectFrom('audit_subject_keys').select('erased_at').where('subject', '=', person);
  const key = await query.executeTakeFirst();
  if (key === undefined || key.erased_at === null) return;
  throw new CodedError('not_found', { message: 'This person has been erased: there is nothing left to hold.' });
}

function noSuchHold(): CodedError {
  return new CodedError('not_found', {
    message: 'There is no such hold, or it was released. List them: mcp-sso admin holds list.',
  });
}
