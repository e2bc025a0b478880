import { Inject, Injectable } from '@nestjs/common';
import { CodedError } from '#shared/errors.js';
import { AuditService } from '../../audit/audit.service.js';
import { CONFIG } from '../../config/config.module.js';
import type { LoadedConfig } from '../../config/settings.js';
import { Notifications } from '../../storage/notifications/notifications.js';
import { StorageService } from '../../storage/storage.service.js';
import { newGrantId, type Acting, type Grant, type GrantHistory, type GrantTarget } from './grant.js';
import { GrantBounds } from './grant-bounds.js';
import { GrantEvents } from './grant-events.js';
import {
  endGrant,
  findGrantRow,
  grantHistory,
  insertGrant,
  listGrantRows,
  reviewGrant,
  type GrantFilter,
} from './grant-rows.js';
import { LiveGrants } from './live-grants.js';
import { GIVING_ROLES, requireInPerson, requireOther, requireRole, REVIEWING_ROLES } from './may-act.js';
import { onRecord } from './on-record.js';

/** What is wanted: by whom for themselves, or by whom for somebody else. */
export interface Wanted extends GrantTarget {
  readonly minutes: number;
  readonly reason: string;
}

/** Access for some time: given to others, taken in an emergency, ended, looked into. A fresh sign-in is for the caller to demand. */
@Injectable()
export class GrantsService {
  constructor(
    @Inject(CONFIG) private readonly config: LoadedConfig,
    @Inject(StorageService) private readonly storage: StorageService,
    @Inject(Notifications) private readonly notifications: Notifications,
    @Inject(AuditService) private readonly audit: Pick<AuditService, 'write'>,
    @Inject(LiveGrants) private readonly live: LiveGrants,
    @Inject(GrantBounds) private readonly bounds: GrantBounds,
    @Inject(GrantEvents) private readonly events: GrantEvents,
  ) {}

  /** To somebody else. Throws `role_missing`, `policy_denied` (to oneself), `params_invalid`, `not_found` or `account_disabled`. */
  async give(acting: Acting, person: string, wanted: Wanted): Promise<Grant> {
    requireRole(acting, GIVING_ROLES);
    requireOther(acting, person);
    this.bounds.requireMinutes(wanted.minutes);
    this.bounds.requireServer(wanted.server);
    await this.bounds.requireRoom(person);
    return this.#begin(acting, 'grant', person, wanted);
  }

  /** For oneself, in an emergency. Throws `role_missing` for whoever is in none of the groups of the settings, and `params_invalid`. */
  async takeBreakGlass(acting: Acting, wanted: Wanted): Promise<Grant> {
    requireInPerson(acting);
    const { breakGlass } = this.config.settings.grants;
    if (breakGlass?.groups.some((group) => acting.groups.includes(group)) !== true) {
      throw new CodedError('role_missing', {
        message: 'You are in none of the groups that may take access in an emergency. Ask an approver for a grant.',
      });
    }
    this.bounds.requireMinutes(wanted.minutes, breakGlass.maxMinutes);
    this.bounds.requireServer(wanted.server);
    await this.bounds.requireRoom(acting.person);
    return this.#begin(acting, 'break-glass', acting.person, wanted);
  }

  /** One's own, or another's. Throws `role_missing` and `not_found`, the same for what has ended. */
  async end(acting: Acting, id: string, reason = 'ended'): Promise<GrantHistory> {
    const grant = await this.find(id);
    if (grant.person !== acting.person) requireRole(acting, GIVING_ROLES);
    if (grant.endedAt !== undefined || grant.expiresAt <= Date.now()) throw noSuchGrant();
    const { server, tool, person } = grant;
    const matter = { type: 'grant.end', grant: id, affected: person, server, tool, reason } as const;
    return onRecord(this.audit, acting, matter, async (record) => {
      const ended = await this.notifications.publish({ topic: 'grants', id: person }, (db) =>
        endGrant(db, id, acting.person, Date.now()),
      );
      if (!ended) throw noSuchGrant();
      await this.live.confirm();
      await this.events.tell('grant.ended', { grant, by: acting.person, record });
      return this.find(id);
    });
  }

  /** Of break-glass, by somebody else. Throws `role_missing`, `policy_denied` (one's own), `not_found` and `params_invalid`. */
  async review(acting: Acting, id: string, note: string): Promise<GrantHistory> {
    requireRole(acting, REVIEWING_ROLES);
    const grant = await this.find(id);
    requireOther(acting, grant.person);
    if (grant.kind !== 'break-glass' || grant.reviewedAt !== undefined) {
      throw new CodedError('params_invalid', { message: 'This is no break-glass access that waits for a review.' });
    }
    const { server, tool, person } = grant;
    const matter = { type: 'grant.review', grant: id, affected: person, server, tool, reason: note } as const;
    return onRecord(this.audit, acting, matter, async () => {
      const reviewed = await this.notifications.publish({ topic: 'grants', id: person }, (db) =>
        reviewGrant(db, id, acting.person, Date.now()),
      );
      if (!reviewed) throw noSuchGrant();
      return this.find(id);
    });
  }

  /** Newest first; up to one more than `limit`. */
  async list(filter: GrantFilter): Promise<GrantHistory[]> {
    return (await listGrantRows(this.storage.db, filter)).map((row) => grantHistory(this.storage, row));
  }

  /** Throws `not_found`. */
  async find(id: string): Promise<GrantHistory> {
    const row = await findGrantRow(this.storage.db, id);
    if (!row) throw noSuchGrant();
    return grantHistory(this.storage, row);
  }

  async #begin(acting: Acting, kind: Grant['kind'], person: string, wanted: Wanted): Promise<Grant> {
    const { server, tool, minutes, reason } = wanted;
    const now = Date.now();
    const grant: Grant = {
      id: newGrantId(),
      kind,
      person,
      server,
      tool,
      reason,
      createdBy: acting.person,
      createdAt: now,
      expiresAt: now + minutes * 60_000,
    };
    const detail = `${kind}, ${minutes} minutes`;
    const matter = { type: 'grant.give', grant: grant.id, affected: person, server, tool, reason, detail } as const;
    return onRecord(this.audit, acting, matter, async (record) => {
      await this.notifications.publish({ topic: 'grants', id: person }, (db) => insertGrant(db, this.storage, grant));
      await this.live.confirm();
      await this.events.tell(kind === 'grant' ? 'grant.given' : 'grant.break-glass', {
        grant,
        by: acting.person,
        record,
      });
      return grant;
    });
  }
}

function noSuchGrant(): CodedError {
  return new CodedError('not_found', {
    message: 'There is no such grant, or it has ended. List them to see their ids.',
  });
}
